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

    /// Writes to one of the two, however long that takes; 0, or the number of the error. The lock is for what shares
    /// the terminal: neither stream waits for the other where they go to different places.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
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

    private static func put(_ bytes: [UInt8], _ descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN, wait(for: descriptor) { continue }
                guard count > 0 else { return count < 0 ? errno : EIO }
                rest = rest.dropFirst(count)
            }
            return 0
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
        return StreamWriter("stderr") { Screen.write($0, to: STDERR_FILENO) == 0 }
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

/// Why stdout takes nothing more: a full disk, a closed file, or nobody who reads it.
package struct OutputFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let code: Int32

    /// The other end of the pipe is closed (`tail | head`): who reads has enough, and nothing is wrong.
    package var isReaderGone: Bool { code == EPIPE }

    package var description: String {
        "stdout could not be written, so the output is lost or cut off: \(String(cString: strerror(code)))"
    }
}

/// The process's stdout, for data. Once a write failed, nothing more is written: a gap would pass for the whole.
package enum StandardOutput {
    package static let isTerminal = isatty(STDOUT_FILENO) == 1

    private static let firstFailure = Mutex<OutputFailure?>(nil)

    private static let writer = {
        StandardStream.flushAtExit()
        return StreamWriter("stdout") { bytes in (try? StandardOutput.put(bytes)) != nil }
    }()

    /// Writes all of the bytes, however long that takes.
    package static func write(_ bytes: [UInt8]) throws(OutputFailure) {
        // Whoever reads both in one place finds them in the order in which they were written.
        if StandardStream.isShared { StandardError.flush(within: .seconds(1)) }
        try put(bytes)
    }

    /// Writes text for people without waiting for it: for a command that serves others beside it.
    package static func post(_ text: String) { writer.post(Array((PlainText.lines(text) + "\n").utf8)) }

    /// The first failure of what was written, and of what was posted as far as a slow reader took it in time. A file
    /// system over the network tells of a full disk only when the file is closed, so that is tried on a copy.
    package static func failure() -> OutputFailure? {
        flush(within: StandardStream.flushMax)
        if firstFailure.withLock({ $0 }) == nil, !StandardStream.wasOutputClosed {
            let copy = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
            if copy >= 0, close(copy) != 0, errno != EINTR { _ = fail(errno) }
        }
        return firstFailure.withLock { $0 }
    }

    private static func put(_ bytes: [UInt8]) throws(OutputFailure) {
        if let before = firstFailure.withLock({ $0 }) { throw before }
        let code = StandardStream.wasOutputClosed ? EBADF : Screen.write(bytes, to: STDOUT_FILENO)
        guard code == 0 else { throw fail(code) }
    }

    private static func fail(_ code: Int32) -> OutputFailure {
        firstFailure.withLock { first in
            let failure = first ?? OutputFailure(code: code)
            first = failure
            return failure
        }
    }

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

    private static let closedOutput = Atomic<Bool>(false)

    /// Whether the process was started without a stdout.
    fileprivate static var wasOutputClosed: Bool { closedOutput.load(ordering: .relaxed) }

    /// Before anything is opened or written. What cannot be written is an error of that write: the signals that come
    /// with it would end the process without a word.
    ///
    /// A standard stream that the process was started without becomes the null device. Otherwise the next file or
    /// socket would get its number, and what is meant for people would go there.
    package static func prepare() {
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            _ = open("/dev/null", O_RDWR)
            if descriptor == STDOUT_FILENO { closedOutput.store(true, ordering: .relaxed) }
        }
    }
}
