internal import CLinux
internal import Glibc
internal import Synchronization
internal import TextOutput

/// Where stdout and stderr meet: they may be one terminal, with status lines at its bottom that nothing that is written
/// may run into.
private enum Screen {
    private static let status = Mutex(StatusText())

    // Limit: for a terminal that does not say how wide it is.
    private static let columnsUnknown = 80

    private static var columns: Int {
        let columns = Int(linux_terminal_columns(STDERR_FILENO))
        return columns > 0 ? columns : columnsUnknown
    }

    static func show(_ lines: [String]) {
        status.withLock { status in
            _ = put(status.show(lines, columns: columns), STDERR_FILENO)
        }
    }

    /// Writes to one of the two; false when that failed.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        status.withLock { status in
            let isOnTerminal = descriptor == STDOUT_FILENO ? StandardOutput.isTerminal : StandardError.isTerminal
            guard isOnTerminal, StandardError.isTerminal else { return put(bytes, descriptor) }
            let (before, after) = status.interrupt(with: bytes, columns: columns)
            if descriptor == STDERR_FILENO { return put(before + bytes + after, descriptor) }
            if !before.isEmpty { _ = put(before, STDERR_FILENO) }
            defer { if !after.isEmpty { _ = put(after, STDERR_FILENO) } }
            return put(bytes, descriptor)
        }
    }

    private static func put(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN, wait(for: descriptor) { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// Whoever started the program may have left the stream without blocking.
    private static func wait(for descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, -1) > 0 || errno == EINTR
    }
}

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

/// The process's stdout, for data.
package enum StandardOutput {
    package static let isTerminal = isatty(STDOUT_FILENO) == 1

    /// Writes all of the bytes, however long that takes; false when nobody reads them any more.
    package static func write(_ bytes: [UInt8]) -> Bool {
        Screen.write(bytes, to: STDOUT_FILENO)
    }
}
