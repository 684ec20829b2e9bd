import Glibc

/// A file that only grows: what is appended goes to the operating system at once, in one piece.
package final class AppendFile: Sendable {
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let code: Int32
        package var description: String { String(cString: strerror(code)) }
    }

    private let descriptor: Int32

    /// Creates the file, or empties the one that is there.
    package init(replacing path: String) throws(Failure) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(code: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    package func append(_ bytes: Span<UInt8>) throws(Failure) {
        var written = 0
        while written < bytes.count {
            let result = bytes.extracting(written...).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if result >= 0 {
                written += result
            } else if errno != EINTR {
                throw Failure(code: errno)
            }
        }
    }
}
