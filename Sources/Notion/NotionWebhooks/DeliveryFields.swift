/// The places of everything that a delivery's body tells us, filled in one pass by ``DeliveryDecoder``.
package struct DeliveryFields: Sendable {
    // Limit: Notion's envelope has 13 members; five times that leaves room for whatever it may add.
    package static let unknownMembersMax = 64
    // Limit: whatever becomes a header or a key; Notion's ids have 36 bytes, its longest type has 43.
    package static let identifierBytesMax = 256

    package var id = Identifier.absent
    package var timestamp = JSONString.absent
    package var workspaceID = Identifier.absent
    package var workspaceName = JSONString.absent
    package var subscriptionID = Identifier.absent
    package var integrationID = Identifier.absent
    /// An array, see ``ReferenceReader``.
    package var authors = JSONSlice.absent
    /// An array, see ``ReferenceReader``.
    package var accessibleBy = JSONSlice.absent
    /// One to nine digits.
    package var attempt = JSONSlice.absent
    package var apiVersion = JSONString.absent
    package var entityType = JSONString.absent
    package var entityID = Identifier.absent
    package var type = JSONString.absent
    /// Any value at all.
    package var data = JSONSlice.absent

    // What we look for inside `data`, when it is an object.
    package var pageID = Identifier.absent
    package var parentType = JSONString.absent
    package var parentID = Identifier.absent
    package var dataSourceID = Identifier.absent
    /// An array, see ``ReferenceReader``.
    package var updatedBlocks = JSONSlice.absent
    /// An array, see ``PropertyReader``.
    package var updatedProperties = JSONSlice.absent
    /// An array, see ``StringReader``.
    package var updatedFields = JSONSlice.absent

    /// Members at the top that the fields above do not hold, or do not hold whole. Empty on the usual way.
    package var unknown: [JSONMember] = []

    package init() {}
}

/// A member of an object: the places of its name and its value.
package struct JSONMember: Sendable {
    package let name: JSONString
    package let value: JSONSlice
}
