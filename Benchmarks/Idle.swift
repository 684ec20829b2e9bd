import COpenSSL
import Foundation
import TestSupport

/// What many idle connections cost: memory, and the time of busy ones beside them.
struct Idle: Codable, Sendable {
    /// Limit: what one idle connection may add to the resident memory.
    static let bytesPerConnectionBar = 4_096.0
    /// Limit: how much the busy ones may slow down.
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

/// Connections that had one request answered each and then idle, in a process of their own because of the limit of
/// descriptors.
enum IdleHolder {
    static func start(_ count: Int, at contender: Contender) async throws -> ChildProcess {
        let child = try Benchmark.child(["hold-idle", contender.scheme, String(contender.port), String(count)])
        // Limit: ten thousand handshakes take some ten seconds.
        try await child.errors.waitForLine(containing: "holding", within: .seconds(120))
        return child
    }

    /// `hold-idle http|https PORT COUNT`: holds until the process is ended.
    static func run(_ arguments: [String]) throws {
        guard arguments.count == 3, let port = Int(arguments[1]), let count = Int(arguments[2]) else {
            throw BenchOptions.UsageError(description: "hold-idle needs a scheme, a port and a count")
        }
        let context = arguments[0] == "https" ? SSL_CTX_new(TLS_client_method()) : nil
        for index in 0..<count {
            let socket = connect(to: port)
            let isAnswered = socket >= 0 && (context.map { ask(socket, $0) } ?? ask(socket))
            guard isAnswered else {
                throw BenchmarkFailure(
                    description: "connection \(index) of \(count) was not answered: \(String(cString: strerror(errno)))"
                )
            }
        }
        Benchmark.notice("holding \(count)")
        while true { pause() }
    }

    private static let request = Array("GET /notion/webhooks HTTP/1.1\r\nHost: relay.example\r\n\r\n".utf8)

    private static func ask(_ socket: Int32) -> Bool {
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return false }
        return readAnswer { recv(socket, &$0, $0.count, 0) }
    }

    private static func ask(_ socket: Int32, _ context: OpaquePointer) -> Bool {
        guard let ssl = SSL_new(context), SSL_set_fd(ssl, socket) == 1, SSL_connect(ssl) == 1,
            SSL_write(ssl, request, Int32(request.count)) == Int32(request.count)
        else { return false }
        return readAnswer { Int(SSL_read(ssl, &$0, Int32($0.count))) }
    }

    /// An answer ends in `ok`.
    private static func readAnswer(_ receive: (inout [UInt8]) -> Int) -> Bool {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while !answer.suffix(2).elementsEqual("ok".utf8) {
            let count = receive(&buffer)
            guard count > 0 else { return false }
            answer += buffer[..<count]
        }
        return true
    }

    private static func connect(to port: Int) -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // When the process ends, all are reset, so that none of their ports stays in TIME_WAIT.
        var end = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &end, socklen_t(MemoryLayout<linger>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return status == 0 ? socket : -1
    }
}
