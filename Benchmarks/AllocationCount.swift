import CJemalloc
import TestSupport

/// Counts the allocations of the loop's own thread, between one request and a much later one.
///
/// The thread gets an arena of its own without a cache, so that the allocator's statistics count each of its
/// allocations and no others.
final class AllocationCount {
    /// By then, what is allocated at first use, such as connection buffers, has been allocated.
    static let warmUpRequests = 20_000

    private struct Snapshot {
        var bytes: UInt64 = 0
        var small: UInt64 = 0
        var large: UInt64 = 0
    }

    private let requests: Int
    // C strings, so that reading the statistics allocates nothing.
    private let bytesName = Array("thread.allocated".utf8CString)
    private let smallName: [CChar]
    private let largeName: [CChar]
    private var seen = 0
    private var first = Snapshot()

    /// Must be created on the loop's thread.
    init(requests: Int) {
        self.requests = requests
        var arena: UInt32 = 0
        var size = MemoryLayout<UInt32>.size
        var off = false
        let isDone =
            mallctl("arenas.create", &arena, &size, nil, 0) == 0
            && mallctl("thread.arena", nil, nil, &arena, size) == 0
            && mallctl("thread.tcache.enabled", nil, nil, &off, 1) == 0
        precondition(isDone, "The program is linked with jemalloc.")
        smallName = Array("stats.arenas.\(arena).small.nmalloc".utf8CString)
        largeName = Array("stats.arenas.\(arena).large.nmalloc".utf8CString)
    }

    func countRequest() {
        seen += 1
        if seen == Self.warmUpRequests {
            // The first snapshot itself allocates.
            _ = snapshot()
            first = snapshot()
        } else if seen == Self.warmUpRequests + requests {
            let last = snapshot()
            let count = last.small - first.small + last.large - first.large
            Benchmark.notice("ALLOCATIONS \(requests) \(count) \(last.bytes - first.bytes)")
        }
    }

    private func snapshot() -> Snapshot {
        var epoch: UInt64 = 1
        _ = mallctl("epoch", nil, nil, &epoch, MemoryLayout<UInt64>.size)
        return Snapshot(
            bytes: Self.number(bytesName),
            small: Self.number(smallName),
            large: Self.number(largeName)
        )
    }

    private static func number(_ name: [CChar]) -> UInt64 {
        var value: UInt64 = 0
        var size = MemoryLayout<UInt64>.size
        precondition(mallctl(name, &value, &size, nil, 0) == 0, "jemalloc keeps statistics.")
        return value
    }
}

/// The counts of one run.
struct Allocations: Codable, Sendable {
    // Limit: about five times what the counted requests take.
    private static let seconds = 20

    let requests: Int
    let count: Int
    let bytes: Int
    let connections: Int

    static func measure(_ load: Load, _ options: BenchOptions) async throws -> Allocations {
        let connections = options.connections.last ?? 64
        let server = try await BareServer.start(["--count-allocations", String(options.countedRequests)])
        Benchmark.notice("allocations of \(options.countedRequests) requests, \(connections) connections")
        // All within one run: allocations for opening and closing connections are not measured here.
        _ = try await load.run(server, connections: connections, seconds: seconds)
        let line = server.child.errors.all.first { $0.hasPrefix("ALLOCATIONS ") }
        await server.stop()
        let numbers = (line ?? "").split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 3 else {
            throw BenchmarkFailure(description: "\(seconds) s were too short for \(options.countedRequests) requests")
        }
        return Allocations(requests: numbers[0], count: numbers[1], bytes: numbers[2], connections: connections)
    }
}
