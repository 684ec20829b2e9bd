/// What the table knows of a page.
package struct PageRow: Sendable, Equatable {
    package var id: String
    /// Where the page is, as the newest event that said so has it.
    package var parentType: String?
    package var parentID: String?
    /// What happened last, and when, in Notion's own words.
    package var lastType: String
    package var lastOccurredAt: String?
    package var isDeleted = false
    /// Events that were applied, each of them once.
    package var events: Int
}
