import Dispatch
import Glibc
import Synchronization

/// The stream ended, or the time was up, before the awaited line came.
package struct LineNeverCame: Error, CustomStringConvertible {
    package let description: String
}

/// The lines a child process writes to one stream: kept up to a limit, and awaited without polling.
package final class OutputLines: Sendable {
    /// Limit: a broker writes about a thousand lines at start and a few a second under load.
    package static let linesMax = 50_000

    private struct Waiter {
        let matches: @Sendable (String) -> Bool
        let continuation: CheckedContinuation<String?, Never>
    }

    private struct State {
        var lines: [String] = []
        var dropped = 0
        var isEnded = false
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Reads `descriptor` on a thread of its own until the other side closes it.
    init(reading descriptor: Int32) {
        DispatchQueue(label: "lines-\(descriptor)").async { self.read(descriptor) }
    }

    package var all: [String] { state.withLock { $0.lines } }
    package var text: String { all.joined(separator: "\n") }

    /// How many lines have come so far: a position from which `waitForLine` can be told to look.
    package var count: Int { state.withLock { $0.dropped + $0.lines.count } }

    /// Returns the first line, from position `start` on, that contains `part`.
    @discardableResult
    package func waitForLine(
        containing part: String,
        from start: Int = 0,
        within limit: Duration = .seconds(30)
    ) async throws -> String {
        try await waitForLine("a line with \"\(part)\"", from: start, within: limit) { $0.contains(part) }
    }

    @discardableResult
    package func waitForLine(
        _ what: String,
        from start: Int = 0,
        within limit: Duration = .seconds(30),
        where matches: @escaping @Sendable (String) -> Bool
    ) async throws -> String {
        let line: String?
        do {
            line = try await withTimeout(limit, what) { await self.firstLine(from: start, where: matches) }
        } catch is TimeoutError {
            throw LineNeverCame(description: "\(what) did not come within \(limit); last lines:\n\(tail())")
        }
        guard let line else {
            throw LineNeverCame(description: "the stream ended without \(what); last lines:\n\(tail())")
        }
        return line
    }

    /// All lines, once the other side has closed the stream.
    package func allUntilEnd(within limit: Duration = .seconds(30)) async throws -> [String] {
        _ = try await withTimeout(limit, "the end of the stream") { await self.firstLine(from: 0) { _ in false } }
        return all
    }

    package func tail(_ count: Int = 15) -> String { all.suffix(count).joined(separator: "\n") }

    private func firstLine(from start: Int, where matches: @escaping @Sendable (String) -> Bool) async -> String? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enum Known {
                    case line(String)
                    case ended
                    case notYet
                }
                let known: Known = state.withLock { state in
                    let seen = state.lines.dropFirst(max(0, start - state.dropped))
                    if let line = seen.first(where: matches) { return .line(line) }
                    if state.isEnded || Task.isCancelled { return .ended }
                    state.waiters[id] = Waiter(matches: matches, continuation: continuation)
                    return .notYet
                }
                switch known {
                case .line(let line): continuation.resume(returning: line)
                case .ended: continuation.resume(returning: nil)
                case .notYet: break
                }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume(returning: nil)
        }
    }

    private func read(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var partial: [UInt8] = []
        while true {
            // A terminal whose other end is closed reports an error instead of an end.
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                if byte == UInt8(ascii: "\n") {
                    append(String(decoding: partial, as: UTF8.self))
                    partial.removeAll(keepingCapacity: true)
                } else {
                    partial.append(byte)
                }
            }
        }
        if !partial.isEmpty { append(String(decoding: partial, as: UTF8.self)) }
        close(descriptor)
        end()
    }

    private func append(_ line: String) {
        let woken = state.withLock { state in
            if state.lines.count >= Self.linesMax {
                state.lines.removeFirst(Self.linesMax / 10)
                state.dropped += Self.linesMax / 10
            }
            state.lines.append(line)
            let woken = state.waiters.filter { $0.value.matches(line) }
            for id in woken.keys { state.waiters.removeValue(forKey: id) }
            return woken
        }
        for waiter in woken.values { waiter.continuation.resume(returning: line) }
    }

    private func end() {
        let left = state.withLock { state in
            state.isEnded = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in left.values { waiter.continuation.resume(returning: nil) }
    }
}
