internal import Glibc
internal import Synchronization

/// The process's stderr, for notices and the log.
package enum StandardError {
    private static let turn = Mutex(())

    package static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes the bytes with one write(2), unless the kernel takes only a part. The lock keeps lines whole that are
    /// longer than a pipe's atomic write. What cannot be written is dropped: there is nowhere to say so.
    @Sendable
    package static func write(_ bytes: [UInt8]) {
        turn.withLock { _ in
            bytes.withUnsafeBytes { buffer in
                var rest = buffer[...]
                while !rest.isEmpty {
                    let count = Glibc.write(
                        STDERR_FILENO,
                        UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                        rest.count
                    )
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return }
                    rest = rest.dropFirst(count)
                }
            }
        }
    }

    /// One notice and a line feed.
    package static func notice(_ text: String) {
        write(Array(text.utf8) + [0x0A])
    }
}
