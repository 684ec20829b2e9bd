/// A path of the operations port that a part of the program adds.
///
/// The closure runs on the port's own thread and must not block: a scrape or a probe waits behind it.
package struct OperationsRoute: Sendable {
    package let method: String
    package let path: String
    let answer: @Sendable (OperationsRequest) -> OperationsResponse

    package init(
        _ method: String,
        _ path: String,
        answer: @escaping @Sendable (OperationsRequest) -> OperationsResponse
    ) {
        precondition(path.hasPrefix("/"), "A path begins with a slash.")
        self.method = method
        self.path = path
        self.answer = answer
    }
}

/// A request to the operations port, copied out of the connection's buffer.
package struct OperationsRequest: Sendable {
    /// What follows the question mark, as it came.
    package let query: String?
    package let body: [UInt8]
}
