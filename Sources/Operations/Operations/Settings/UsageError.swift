/// A command line that cannot be understood. Its text never holds what stood in place of a value.
package struct UsageError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
