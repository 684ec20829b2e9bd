import Foundation

/// The result of a run, as a table for people and as JSON for machines.
struct Report: Codable, Sendable {
    let options: BenchOptions
    let versions: Versions
    var grids: [Grid] = []
    var records: Records?
    var idle: Idle?
    var allocations: Allocations?
    var consumers: Consumers?
    var replays: Replays?
    var coldBuildSeconds: Double?

    init(options: BenchOptions, versions: Versions) {
        self.options = options
        self.versions = versions
    }

    /// The topic against the answers: each 200 is a record. What was under way when a run was cut is a record that
    /// nobody saw the answer of, at most one for each connection and run.
    struct Records: Codable, Sendable {
        let inTopic: Int
        let answered200: Int
        let underWayMax: Int

        init(inTopic: Int, samples: [Sample]) {
            let edge = samples.filter { $0.contender == "edge" }
            self.inTopic = inTopic
            answered200 = edge.map { $0.answered + $0.answeredInWarmUp }.reduce(0, +)
            underWayMax = edge.map { 2 * $0.connections }.reduce(0, +)
        }

        var agree: Bool { (answered200...(answered200 + underWayMax)).contains(inTopic) }
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(self)
    }
}
