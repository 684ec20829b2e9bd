internal import Glibc

/// The process's stderr, for notices, the log and the status lines of a terminal.
package enum StandardError {
    package static let isTerminal = isatty(STDERR_FILENO) == 1

    /// Writes the bytes with one write(2), unless the kernel takes only a part. A lock keeps lines whole that are
    /// longer than a pipe's atomic write. What cannot be written is dropped: there is nowhere to say so.
    @Sendable
    package static func write(_ bytes: [UInt8]) {
        _ = Screen.write(bytes, to: STDERR_FILENO)
    }

    /// One notice and a line feed.
    package static func notice(_ text: String) {
        write(Array(text.utf8) + [0x0A])
    }

    /// Whether lines can stand at the bottom and change: stderr is a terminal that can move its cursor.
    package static var takesStatus: Bool {
        guard isTerminal, let name = getenv("TERM") else { return false }
        return !["", "dumb"].contains(String(cString: name))
    }

    /// Shows these lines at the bottom in place of those before, below whatever is written meanwhile, cut to the
    /// terminal's width. None takes them away. Only where ``takesStatus`` says so.
    package static func showStatus(_ lines: [String]) {
        Screen.show(lines)
    }
}
