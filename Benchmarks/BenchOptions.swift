/// What the command line of the benchmark says.
struct BenchOptions: Codable, Sendable {
    var parts = BenchPart.allCases
    var rounds = 3
    var seconds = 6
    var warmUpSeconds = 2
    var connections = [256, 64]
    var coldBuild = true
    var jsonPath: String?
    /// Resting connections, and the requests whose allocations are counted.
    var idleConnections = 10_000
    var countedRequests = 500_000

    struct UsageError: Error, CustomStringConvertible {
        let description: String
    }

    static let help = """
        relay-bench [--only PART,PART] [--rounds N] [--seconds N] [--warm-up N] [--connections N,N]
                    [--idle-connections N] [--no-cold-build] [--json FILE]

        Measures nginx, our bare HTTP server and the edge in turn, with the same requests from wrk, and prints CPU per
        request over nginx's, requests a second, latencies and memory. The edge needs Apache Kafka: KAFKA_HOME.

        Parts: \(BenchPart.names).
        """

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--no-cold-build": coldBuild = false
            case "--only": parts = try Self.parts(try Self.value(of: name, &rest))
            case "--idle-connections": idleConnections = try Self.number(of: name, &rest)
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

    /// What nobody asked for is not built either.
    var buildsCold: Bool { coldBuild && parts.contains(.edge) }

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

    private static func number(of name: String, _ rest: inout ArraySlice<String>) throws -> Int {
        try number(try value(of: name, &rest), of: name)
    }

    private static func number(_ text: String, of name: String) throws -> Int {
        guard let number = Int(text), (1...10_000).contains(number) else {
            throw UsageError(description: "\(name) \(text): give a number from 1 to 10000")
        }
        return number
    }
}
