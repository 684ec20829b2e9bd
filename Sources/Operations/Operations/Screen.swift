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

    /// Writes to one of the two, however long that takes; false when that failed. The lock is for what shares the
    /// terminal: neither stream waits for the other where they go to different places.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        let isOnTerminal = descriptor == STDOUT_FILENO ? StandardOutput.isTerminal : StandardError.isTerminal
        guard isOnTerminal, StandardError.isTerminal else { return put(bytes, descriptor) }
        return status.withLock { status in
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
///
/// What is written is left to a thread, so that a reader that stands still holds up nobody. At an orderly end of the
/// process it is waited for, for half a second at most.
package enum StandardError {
    package static let isTerminal = isatty(STDERR_FILENO) == 1

    // Limit: whoever takes nothing for so long is taken for gone.
    private static let noticeWait = Duration.seconds(10)

    private static let writer = {
        StandardStream.flushAtExit()
        return StreamWriter("stderr") { Screen.write($0, to: STDERR_FILENO) }
    }()

    /// Writes a line without waiting for it. One that finds no room is dropped, and counted.
    @Sendable
    package static func write(_ bytes: [UInt8]) { writer.post(bytes) }

    /// One notice of a command and a line feed. It waits for room, so that long lists are complete.
    package static func notice(_ text: String) {
        writer.post(Array((PlainText.lines(text) + "\n").utf8), waitingForRoom: noticeWait)
    }

    /// Lines that were dropped since the start of the process.
    package static var linesDropped: Int { writer.lost }

    /// Sets the line that tells of dropped ones, once lines can be written again.
    static func setLossLine(_ line: @escaping @Sendable (Int) -> [UInt8]) { writer.setLossLine(line) }

    /// Waits for what was written; false when that takes longer.
    @discardableResult
    package static func flush(within duration: Duration) -> Bool { writer.flush(within: duration) }

    /// Whether lines can stand at the bottom and change: stderr is a terminal that can move its cursor.
    package static var takesStatus: Bool {
        guard isTerminal, let name = getenv("TERM") else { return false }
        return !["", "dumb"].contains(String(cString: name))
    }

    /// Shows these lines at the bottom in place of those before, below whatever is written meanwhile, cut to the
    /// terminal's width. None takes them away. Only where ``takesStatus`` says so.
    package static func showStatus(_ lines: [String]) { Screen.show(lines) }
}

/// The process's stdout, for data.
package enum StandardOutput {
    package static let isTerminal = isatty(STDOUT_FILENO) == 1

    private static let writer = {
        StandardStream.flushAtExit()
        return StreamWriter("stdout") { Screen.write($0, to: STDOUT_FILENO) }
    }()

    /// Writes all of the bytes, however long that takes; false when nobody reads them any more.
    package static func write(_ bytes: [UInt8]) -> Bool {
        // Whoever reads both in one place finds them in the order in which they were written.
        if StandardStream.isShared { StandardError.flush(within: .seconds(1)) }
        return Screen.write(bytes, to: STDOUT_FILENO)
    }

    /// Writes text for people without waiting for it: for a command that serves others beside it.
    package static func post(_ text: String) { writer.post(Array((PlainText.lines(text) + "\n").utf8)) }

    fileprivate static func flush(within duration: Duration) { writer.flush(within: duration) }
}

/// What holds for stdout and stderr together.
package enum StandardStream {
    // Limit: an end of the process waits so long for readers that are slow, and not for ever for one that stands still.
    static let flushMax = Duration.milliseconds(500)

    /// Whether both go to one place.
    fileprivate static let isShared: Bool = {
        var output = stat()
        var error = stat()
        guard fstat(STDOUT_FILENO, &output) == 0, fstat(STDERR_FILENO, &error) == 0 else { return false }
        return output.st_dev == error.st_dev && output.st_ino == error.st_ino
    }()

    private static let registration: Void = {
        atexit {
            StandardError.flush(within: StandardStream.flushMax)
            StandardOutput.flush(within: StandardStream.flushMax)
        }
    }()

    fileprivate static func flushAtExit() { registration }

    /// Opens the null device for a standard stream that the process was started without. Otherwise the next file or
    /// socket would get its number, and what is meant for people would go there.
    package static func fill() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            _ = open("/dev/null", O_RDWR)
        }
    }
}
