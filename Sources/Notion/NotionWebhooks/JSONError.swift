/// Why bytes are not JSON that every reader reads alike.
///
/// Beyond RFC 8259 this refuses what RFC 7493 (I-JSON) warns of: escapes of lone surrogates, which have no UTF-8 form,
/// and names that occur twice among the members that we interpret.
package enum JSONError: Error {
    /// A string holds bytes that are not UTF-8.
    case invalidUTF8
    /// The grammar of RFC 8259 is broken.
    case notJSON
    /// JSON, but another value than an object.
    case notAnObject
    /// A `\u` escape of half a surrogate pair.
    case loneSurrogate
    /// A member that means something to us occurs twice in its object.
    case duplicateKey
    /// Deeper than ``JSONScanner/nestingMax``.
    case tooDeep
    /// More unknown members at the top than ``DeliveryFields/unknownMembersMax``.
    case tooManyMembers
}
