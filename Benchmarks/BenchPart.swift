/// What one run can measure.
enum BenchPart: String, Codable, CaseIterable, Sendable {
    /// Signed deliveries to nginx, to our bare server and to the edge with Kafka.
    case edge
    /// The same without the edge.
    case bare
    /// Deliveries over TLS 1.3.
    case tls
    /// Ten thousand connections that rest beside some that are busy.
    case idle
    /// A connection for every request.
    case accepts
    /// What our code asks of the allocator.
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
