import CLinux
import Dispatch
import Foundation
import Glibc
import Synchronization

/// How a child process ended.
package enum ExitStatus: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    package var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signalled(let number): "ended by signal \(number)"
        }
    }
}

/// Why a program could not be started.
package struct SpawnError: Error, CustomStringConvertible {
    package let description: String
}

/// A program that a test runs: its lines are collected, its end can be awaited, and it never outlives the test process.
///
/// A watcher ensures the last point: a shell that waits on a socket whose other end only this process has. When this
/// process ends, for any reason, the socket closes and the watcher kills the child's process group.
/// (`PR_SET_PDEATHSIG` cannot serve: it fires when the starting *thread* ends, and pool threads come and go.)
package final class ChildProcess: Sendable {
    package let pid: Int32
    package let output: OutputLines
    package let errors: OutputLines

    private struct State {
        var isReaped = false
        var status: ExitStatus?
        var waiters: [CheckedContinuation<ExitStatus, Never>] = []
    }

    private let state = Mutex(State())
    private let watcher: Int32

    /// Starts `program` (looked up on PATH) in a process group of its own, with standard input from /dev/null. The
    /// watcher, when it has to act, also removes `directory`. On a terminal both streams are one, and come as `output`.
    package init(
        _ program: String,
        _ arguments: [String],
        environment: [String: String],
        directory: String = "",
        onTerminal: Bool = false
    ) throws(SpawnError) {
        let out = onTerminal ? try DescriptorPair.terminal() : try DescriptorPair.sockets()
        let err = try DescriptorPair.sockets()
        let watch = try DescriptorPair.sockets()
        let pid = try spawn(
            ["/bin/sh", "-c", Self.watchedStart, directory, program] + arguments,
            environment: environment.map { "\($0.key)=\($0.value)" },
            descriptors: [out.child, onTerminal ? out.child : err.child, watch.child]
        )
        for pair in [out, err, watch] { close(pair.child) }
        self.pid = pid
        self.watcher = watch.parent
        self.output = OutputLines(reading: out.parent)
        self.errors = OutputLines(reading: err.parent)
        DispatchQueue(label: "child-\(pid)").async { self.reap() }
    }

    /// `exec` keeps the shell's process id, which is also its group's, so `$$` names the program itself.
    private static let watchedStart = """
        setsid sh -c '
            read -r _ && exit
            kill -KILL -"$1"
            test -z "$2" || rm -rf -- "$2"
        ' watcher $$ "$0" <&3 >/dev/null 2>&1 3<&- &
        exec "$@" 3<&-
        """

    package var isRunning: Bool { state.withLock { $0.status == nil } }

    /// Sends a signal to the program; does nothing when it has ended.
    package func signal(_ number: Int32) {
        state.withLock { state in
            if !state.isReaped { kill(pid, number) }
        }
    }

    /// Waits until the program has ended and its output was read.
    package func exitStatus() async -> ExitStatus {
        let status = await end()
        // Limit: what it wrote is there already; only a child of its own could keep the streams open.
        for stream in [output, errors] { _ = try? await stream.allUntilEnd(within: .seconds(2)) }
        return status
    }

    private func end() async -> ExitStatus {
        await withCheckedContinuation { continuation in
            let known: ExitStatus? = state.withLock { state in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Blocks on a thread of its own until the program ends. The process id stays reserved until the lock is held, so
    /// `signal` can never reach another process that got the same number.
    private func reap() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        var raw: Int32 = 0
        let (status, waiters) = state.withLock { state in
            while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
            let status: ExitStatus = raw & 0x7f == 0 ? .exited((raw >> 8) & 0xff) : .signalled(raw & 0x7f)
            state.isReaped = true
            state.status = status
            defer { state.waiters = [] }
            return (status, state.waiters)
        }
        var newline = UInt8(ascii: "\n")
        send(watcher, &newline, 1, Int32(MSG_NOSIGNAL))
        close(watcher)
        for waiter in waiters { waiter.resume(returning: status) }
    }
}

/// A program that ran to its end: how it ended, and the lines that it wrote.
package struct FinishedProcess: Sendable {
    package let status: ExitStatus
    package let output: [String]
    package let errors: [String]

    /// What it wrote to both streams, one after the other: compilers differ in where they complain.
    package var text: String { (output + errors).joined(separator: "\n") }

    /// Runs a program (looked up on PATH), in this process's environment. One that takes longer than `limit` is
    /// interrupted, as by Ctrl-C, and a `TimeoutError` is thrown.
    package static func run(
        _ program: String,
        _ arguments: [String],
        within limit: Duration
    ) async throws -> FinishedProcess {
        let child = try ChildProcess(program, arguments, environment: ProcessInfo.processInfo.environment)
        let status = try await withTimeout(limit, ([program] + arguments.prefix(1)).joined(separator: " ")) {
            await withTaskCancellationHandler {
                await child.exitStatus()
            } onCancel: {
                child.signal(SIGINT)
            }
        }
        return FinishedProcess(status: status, output: child.output.all, errors: child.errors.all)
    }
}

/// Two ends that no other child inherits.
private struct DescriptorPair {
    let parent: Int32
    let child: Int32

    /// Connected stream sockets.
    static func sockets() throws(SpawnError) -> DescriptorPair {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw SpawnError(description: "no socket pair: \(String(cString: strerror(errno)))")
        }
        return DescriptorPair(parent: ends[0], child: ends[1])
    }

    /// A terminal of unknown size, and its other end.
    static func terminal() throws(SpawnError) -> DescriptorPair {
        var (parent, child): (Int32, Int32) = (-1, -1)
        guard openpty(&parent, &child, nil, nil, nil) == 0 else {
            throw SpawnError(description: "no terminal: \(String(cString: strerror(errno)))")
        }
        for end in [parent, child] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return DescriptorPair(parent: parent, child: child)
    }
}

/// Starts a program whose descriptors are /dev/null and then `descriptors` as 1, 2, 3, and nothing else.
private func spawn(_ arguments: [String], environment: [String], descriptors: [Int32]) throws(SpawnError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (index, descriptor) in descriptors.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(index + 1))
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, Int32(descriptors.count + 1))

    // Dispatch blocks signals on its threads; a child must not inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))

    let argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    let envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let result = posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp)
    guard result == 0 else {
        throw SpawnError(description: "\(arguments[0]): \(String(cString: strerror(result)))")
    }
    return pid
}
