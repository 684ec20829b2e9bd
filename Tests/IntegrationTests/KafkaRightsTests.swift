import Foundation
import Kafka
import NotionWebhooks
import Subscriptions
import TestSupport
import Testing

/// The table of `docs/kafka-access.md` on a real broker with Kafka's own authorizer: each command works with the rights
/// that are listed, and says what to grant when any one of them is missing.
@Suite(.needsKafka, .timeLimit(.minutes(5)))
struct KafkaRightsTests {
    /// A line of the table.
    struct Row: Sendable {
        let commands: [String]
        let resource: String
        let operations: [String]
        let condition: String
    }

    static let rows: [Row] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let page = (try? String(contentsOf: root.appending(path: "docs/kafka-access.md"), encoding: .utf8)) ?? ""
        let lines = page.split(separator: "\n").drop { !$0.hasPrefix("| command |") }.dropFirst(2)
        return lines.prefix { $0.hasPrefix("|") }.map { line in
            let columns = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            return Row(
                commands: columns[0].components(separatedBy: ", ").map { $0.trimmingCharacters(in: ["`"]) },
                resource: columns[1],
                operations: columns[2].components(separatedBy: ", "),
                condition: columns[3]
            )
        }
    }()

    private struct Case: Sendable, CustomTestStringConvertible {
        let command: String
        /// Of topics, those that are missing each time.
        var isMissing = false
        let run: @Sendable (RightsStory) async throws -> RightsStory.Result

        var testDescription: String { command + (isMissing ? ", to create topics" : "") }

        init(
            _ command: String,
            isMissing: Bool = false,
            _ run: @escaping @Sendable (RightsStory) async throws -> RightsStory.Result
        ) {
            self.command = command
            self.isMissing = isMissing
            self.run = run
        }

        /// A command that ends by itself.
        init(_ command: String, isMissing: Bool = false, _ arguments: [String]) {
            self.init(command, isMissing: isMissing) { story in try await story.run(command, arguments) }
        }

        var rows: [Row] {
            let all = KafkaRightsTests.rows.filter { $0.commands.contains(command) }
            return isMissing || command != "topics apply" ? all : all.filter { !$0.condition.contains("not exist") }
        }
    }

    private static let cases = [
        Case("receive") { try await $0.receive() }, Case("forward") { try await $0.forward() },
        Case("redrive") { try await $0.redrive() },
        Case("replay") { story in
            try await story.run(
                "replay",
                [
                    "--last", "5", "--to-topic", story.target, "--resume", "again", "--checkpoint-topic",
                    story.checkpoints,
                ]
            )
        },
        Case("tail", ["--from", "beginning", "--exit-at-end"]), Case("groups") { try await $0.groups() },
        Case("groups pause", ["--group", "g"]), Case("groups resume", ["--group", "g"]),
        Case("subscription pending", []), Case("subscription list", []), Case("subscription import", []),
        Case("topics plan", ["--group", "g", "--partitions", "1"]),
        Case("topics apply", ["--group", "g", "--partitions", "1"]),
        Case("topics apply", isMissing: true, ["--group", "g", "--partitions", "1"]),
        Case("doctor", ["--operations", "127.0.0.1:1"]),
        Case("simulate check") { story in
            let folder = try TemporaryDirectory("ledger")
            try folder.write("", to: "ledger.jsonl")
            return try await story.run("simulate check", ["--ledger", folder.file("ledger.jsonl")])
        },
    ]

    @Test
    func `every command of the table is tried`() {
        // Of the commands that change tokens, one.
        let named = Set(Self.rows.flatMap(\.commands)).subtracting(["subscription activate", "subscription retire"])
        #expect(Self.rows.count > 30 && named == Set(Self.cases.map(\.command)))
    }

    @Test(arguments: cases)
    private func `a command works with its rights, and names the one that is missing`(given: Case) async throws {
        var story = try await RightsStory.begin(given.command, areMissing: given.isMissing)
        for row in given.rows {
            let dropped = given.isMissing ? row.operations.filter { $0 == "Create" } : row.operations
            for operation in dropped {
                try story.allow(given.rows, without: (row.resource, operation))
                let result = try await given.run(story)
                let name = story.name(of: row.resource)
                #expect(
                    result.text.contains("grant") || result.text.contains("needs"),
                    "without \(operation) on \(name): \(result.text)"
                )
                #expect(result.text.contains(name), "\(operation) on \(name): \(result.text)")
                #expect(result.text.contains(operation), "\(operation) on \(name): \(result.text)")
                // Reports say it in their place.
                let isReport = ["doctor", "groups"].contains(given.command)
                #expect(!result.isDone || isReport, "it works without \(operation) on \(name)")
            }
        }
        try story.allow(given.rows)
        let result = try await given.run(story)
        #expect(result.isDone && !result.text.contains("grant "), "\(result.text)")
    }
}
