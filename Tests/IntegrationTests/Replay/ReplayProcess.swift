import Foundation
import TestSupport

/// The program's `replay`, and the summary that it prints.
struct ReplayProcess {
    struct Summary: Decodable {
        struct Partition: Decodable {
            let partition: Int
            let next: Int64
            let windowEnd: Int64
        }

        let replay: String
        let read: Int
        let matched: Int
        let sent: Int
        let sentBefore: Int
        let failed: Int
        let outside: Int
        let filtered: Int
        let looped: Int
        let redriven: Int
        let unreadable: [String: Int]
        let unsettled: Int
        let seconds: Double
        let end: String
        let reason: String?
        let partitions: [Partition]
    }

    let process: RelayProcess

    init(_ history: HistoryTopic, _ arguments: [String], environment: [String: String] = [:]) throws {
        try self.init(kafka: history.kafka, from: history.name, arguments, environment: environment)
    }

    init(kafka: String, from topic: String?, _ arguments: [String], environment: [String: String] = [:]) throws {
        let source = topic.map { ["--from-topic", $0] } ?? []
        process = try RelayProcess(
            ["replay", "--kafka", kafka, "--format", "json"] + source + arguments,
            environment: environment
        )
    }

    /// Its summary, once it has ended.
    func summary(expecting status: Int32 = 0) async throws -> Summary {
        let ended = try await process.exitStatus(within: .seconds(300))
        guard ended == .exited(status) else {
            throw TimeoutError(description: "\(ended): \(process.child.errors.tail())")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Summary.self, from: Data(process.child.output.text.utf8))
    }

    /// Waits until it says that it has sent so many.
    func waitUntilSent(_ count: Int) async throws {
        try await process.child.errors.waitForLine("\(count) records sent", within: .seconds(60)) { line in
            (line.firstMatch(of: /"sent":([0-9]+)/).flatMap { Int($0.1) } ?? 0) >= count
        }
    }

    var notices: String { process.child.errors.all.filter { !$0.hasPrefix("{") }.joined(separator: "\n") }
}

extension SharedKafka {
    /// A new topic to replay to.
    static func target(partitions: Int = 5) async throws -> String {
        try await topic("replayed", partitions: partitions).name
    }
}

/// The long runs' share of work in a short one.
enum ReplayScale {
    static let isSoak = ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_SOAK"] == "1"
    static var records: Int { isSoak ? 1_000_000 : 100_000 }
    static var kills: Int { isSoak ? 10 : 3 }
    static var paceSeconds: Double { isSoak ? 30 : 6 }
}
