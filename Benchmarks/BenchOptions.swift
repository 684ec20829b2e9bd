/// The benchmark's command line.
struct BenchOptions: Codable, Sendable {
    var parts = BenchPart.allCases
    var rounds = 3
    var seconds = 6
    var warmUpSeconds = 2
    var connections = [256, 64]
    var coldBuild = true
    var jsonPath: String?
    /// Idle connections, and the requests whose allocations are counted.
    var idleConnections = 10_000
    var countedRequests = 500_000
    /// Records that a consumer reads in one run, and another consumer to compare ours with.
    var consumerRecords = 400_000
    var consumerPeer: ConsumerPeer?
    /// Records that are replayed in one run.
    var replayRecords = 400_000

    struct UsageError: Error, CustomStringConvertible {
        let description: String
    }

    static let help = """
        relay-bench [--only PART,PART] [--rounds N] [--seconds N] [--warm-up N] [--connections N,N]
                    [--idle-connections N] [--consumer-records N] [--consumer-peer 'COMMAND']
                    [--replay-records N] [--no-cold-build] [--json FILE]

        Measures nginx, our bare HTTP server and the edge in turn, with the same requests from wrk, and prints CPU per
        request over nginx's, requests a second, latencies and memory. The edge, the consumer and the replay need Apache
        Kafka: KAFKA_HOME.

        The peer of our ordered consumer is started without a shell, with {bootstrap} {topic} {count} {lanes}
        {handler_ms} filled in, and prints a line with `rate <number>/s` and `cpu <number> us/record`.

        Parts: \(BenchPart.names).
        """

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--no-cold-build": coldBuild = false
            case "--only": parts = try Self.parts(try Self.value(of: name, &rest))
            case "--idle-connections": idleConnections = try Self.number(of: name, &rest)
            case "--consumer-records": consumerRecords = try Self.number(of: name, &rest, most: 10_000_000)
            case "--consumer-peer": consumerPeer = ConsumerPeer(try Self.value(of: name, &rest))
            case "--replay-records": replayRecords = try Self.number(of: name, &rest, most: 10_000_000)
            case "--json": jsonPath = try Self.value(of: name, &rest)
            case "--rounds": rounds = try Self.number(of: name, &rest)
            case "--seconds": seconds = try Self.number(of: name, &rest)
            case "--warm-up": warmUpSeconds = try Self.number(of: name, &rest)
            case "--connections":
                connections = try Self.value(of: name, &rest).split(separator: ",").map {
                    try Self.number(String($0), of: name)
                }
            default: throw UsageError(description: "\(name) is no option\n\(Self.help)")
            }
        }
    }

    /// The cold build belongs to the edge's part.
    var buildsCold: Bool { coldBuild && parts.contains(.edge) }

    /// Whether a server answers requests in this run.
    var hasRequests: Bool { !Set(parts).isSubset(of: [.consumer, .replay]) }

    private static func parts(_ list: String) throws -> [BenchPart] {
        try list.split(separator: ",").flatMap { name in
            guard let parts = BenchPart.named(String(name)) else {
                throw UsageError(description: "--only \(name): the parts are \(BenchPart.names)")
            }
            return parts
        }
    }

    private static func value(of name: String, _ rest: inout ArraySlice<String>) throws -> String {
        guard let value = rest.popFirst() else { throw UsageError(description: "\(name) needs a value") }
        return value
    }

    private static func number(of name: String, _ rest: inout ArraySlice<String>, most: Int = 10_000) throws -> Int {
        try number(try value(of: name, &rest), of: name, most: most)
    }

    private static func number(_ text: String, of name: String, most: Int = 10_000) throws -> Int {
        guard let number = Int(text), (1...most).contains(number) else {
            throw UsageError(description: "\(name) \(text): give a number from 1 to \(most)")
        }
        return number
    }
}

/// What one run can measure.
enum BenchPart: String, Codable, CaseIterable, Sendable {
    /// Signed deliveries to nginx, to our bare server and to the edge with Kafka.
    case edge
    /// The same without the edge.
    case bare
    /// Deliveries over TLS 1.3.
    case tls
    /// Ten thousand idle connections beside some busy ones.
    case idle
    /// A connection for every request.
    case accepts
    /// The allocations of our code.
    case allocations
    /// The ordered consumer, key by key, against a bare read of the same topic in Kafka.
    case consumer
    /// A replay of a topic against a bare loop that consumes and produces, in Kafka.
    case replay

    /// `front-door` is everything that needs no Kafka.
    static func named(_ name: String) -> [BenchPart]? {
        switch name {
        case "all": allCases
        case "front-door": [.bare, .tls, .idle, .accepts, .allocations]
        default: BenchPart(rawValue: name).map { [$0] }
        }
    }

    static let names = "all, front-door, " + allCases.map(\.rawValue).joined(separator: ", ")
}
