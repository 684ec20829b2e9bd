/// Why a certificate, its key or the clients' authorities cannot be used.
package struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    package let file: String
    /// What is wrong and what to do.
    package let reason: String

    package var description: String { "\(file): \(reason)" }
}
