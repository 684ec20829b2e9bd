/// Why a filter cannot be understood.
package struct RecordFilterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A line for people: the flag, and what to write.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
