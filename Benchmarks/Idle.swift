import Foundation
import TestSupport

/// What many resting connections cost: memory, and the time of those that are busy beside them.
struct Idle: Codable, Sendable {
    /// Limit: what one resting connection may add to the resident memory.
    static let bytesPerConnectionBar = 4_096.0
    /// Limit: what the busy ones may lose.
    static let slowdownBar = 1.05

    struct Memory: Codable, Sendable {
        let contender: String
        let residentBytesBefore: Int
        let residentBytesBeside: Int
        let bytesPerConnection: Double
    }

    let connections: Int
    let busyConnections: Int
    let memory: [Memory]
    let alone: [Sample]
    let beside: [Sample]
    /// Medians of the ratios within each round.
    let cpuBesideOverAlone: Double
    let rateBesideOverAlone: Double

    static func measure(_ contenders: [Contender], _ load: Load, _ options: BenchOptions) async throws -> Idle {
        let busy = options.connections.last ?? 64
        var memory: [Memory] = []
        for contender in contenders {
            Benchmark.notice("memory of \(options.idleConnections) resting connections: \(contender.name)")
            _ = try await load.run(contender, connections: busy, seconds: options.warmUpSeconds)
            let before = contender.residentBytes
            let holder = try await IdleHolder.start(options.idleConnections, at: contender)
            let beside = contender.residentBytes
            await release(holder)
            memory.append(
                Memory(
                    contender: contender.name,
                    residentBytesBefore: before,
                    residentBytesBeside: beside,
                    bytesPerConnection: Double(beside - before) / Double(options.idleConnections)
                )
            )
        }
        var alone: [Sample] = []
        var beside: [Sample] = []
        guard let server = contenders.first(where: { $0.name == "bare" }) else {
            throw BenchmarkFailure(description: "there is no bare server to measure")
        }
        for round in 1...options.rounds {
            // Whichever is first in one round is second in the next.
            for isAlone in round.isMultiple(of: 2) ? [false, true] : [true, false] {
                Benchmark.notice("round \(round) of \(options.rounds): \(busy) busy, \(isAlone ? "alone" : "beside")")
                let holder = isAlone ? nil : try await IdleHolder.start(options.idleConnections, at: server)
                let sample = try await load.measure(server, connections: busy, round: round)
                if isAlone { alone.append(sample) } else { beside.append(sample) }
                if let holder { await release(holder) }
            }
        }
        return Idle(connections: options.idleConnections, busy: busy, memory: memory, alone: alone, beside: beside)
    }

    private static func release(_ holder: ChildProcess) async {
        holder.signal(SIGTERM)
        _ = await holder.exitStatus()
    }

    private init(connections: Int, busy: Int, memory: [Memory], alone: [Sample], beside: [Sample]) {
        self.connections = connections
        busyConnections = busy
        self.memory = memory
        self.alone = alone
        self.beside = beside
        let pairs = alone.flatMap { sample in beside.filter { $0.round == sample.round }.map { (sample, $0) } }
        cpuBesideOverAlone = pairs.map { $1.cpuMicroseconds / $0.cpuMicroseconds }.median
        rateBesideOverAlone = pairs.map { $1.requestsPerSecond / $0.requestsPerSecond }.median
    }
}
