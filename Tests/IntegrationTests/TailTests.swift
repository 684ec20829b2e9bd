import Foundation
import Kafka
import TestSupport
import Testing

/// The built program's `tail` before a real broker.
@Suite(.timeLimit(.minutes(3)))
struct TailTests {
    private static let page = "260d1674-1a2b-4c3d-8e4f-0123456789ab"
    private static let pageDigits = "260d16741a2b4c3d8e4f0123456789ab"
    private static let workspace = "11111111-2222-8333-8444-555555555555"

    /// A hundred records: every fourth is about a page, its number is in its value, its minute in `ce_time`.
    private func topic() async throws -> (name: String, client: ClientSettings) {
        let (name, client) = try await SharedKafka.topic(partitions: 3)
        let records = (0..<100).map { number in
            let isPage = number % 4 == 0
            let headers = [
                ("ce_id", "e\(number)"),
                ("ce_type", isPage ? "com.notion.page.created" : "com.notion.comment.created"),
                ("ce_source", "/notion/workspaces/\(Self.workspace)/subscriptions/s"),
                ("ce_time", "2026-10-06T09:\(number < 10 ? "0" : "")\(number % 60):00.000Z"),
            ]
            return Record(
                topic: name,
                timestampMilliseconds: 1_791_277_367_713,
                key: Array((isPage ? Self.page : "k\(number % 7)").utf8),
                headers: headers.map { .init(name: $0.0, value: Array($0.1.utf8)) },
                value: Array("number=\(number);".utf8)
            )
        }
        try RecordSender.send(records, client)
        return (name, client)
    }

    /// Runs it to the topic's end.
    private func tail(
        _ topic: (name: String, client: ClientSettings),
        _ arguments: [String],
        expecting status: Int32 = 0
    ) async throws -> (output: [String], errors: [String]) {
        let kafka = topic.client.bootstrapServers[0]
        let words = ["tail", "--kafka", kafka, "--topic", topic.name, "--exit-at-end"]
        let process = try RelayProcess(words + arguments)
        #expect(try await process.exitStatus() == .exited(status), "\(process.child.errors.tail())")
        return (try await process.child.output.allUntilEnd(), try await process.child.errors.allUntilEnd())
    }

    @Test(.needsKafka)
    func `filters, pattern, tokens and the count find what they ask for`() async throws {
        let topic = try await topic()
        let whole = ["--from", "beginning", "--format", "%s\\n"]
        let cases: [([String], Int)] = [
            ([], 100), (["--entity", Self.pageDigits], 25), (["--type", "page.*"], 25), (["--type", "comment.*"], 75),
            (["--entity", "https://www.notion.so/Plan-\(Self.pageDigits)"], 25), (["--entity", "k1,k2"], 22),
            (["--workspace", Self.workspace.uppercased()], 100), (["--workspace", "x"], 0), (["--id", "e7,e8"], 2),
            (["--grep", "number=1[0-9];"], 10), (["--grep", "number=42;"], 1), (["--grep", "page"], 25),
            (["--type", "page.*", "--grep", "=[0-9];"], 3), (["--count", "7", "--type", "page.*"], 7),
            (["--id", "e3", "--occurred-from", "2026-10-06T09:03:00Z"], 1),
            (["--id", "e3", "--occurred-to", "2026-10-06T09:03:00Z"], 0),
        ]
        for (arguments, count) in cases {
            let child = try await tail(topic, whole + arguments)
            #expect(child.output.count == count, "\(arguments)")
            #expect(child.output.allSatisfy { $0.hasPrefix("number=") })
        }
    }

    @Test(.needsKafka)
    func `tokens write bytes as they are, and JSON what it always wrote`() async throws {
        let topic = try await topic()
        let one = ["--from", "beginning", "--id", "e8"]
        let tokens = try await tail(topic, one + ["--format", "[%t %k %K %S %{ce_id} %T]"])
        #expect(tokens.output == ["[\(topic.name) \(Self.page) 36 9 e8 1791277367713]"])
        let json = try await tail(topic, one + ["--format", "json"])
        let object = try JSONSerialization.jsonObject(with: Data(json.output[0].utf8)) as? [String: Any]
        #expect(object?["value"] as? String == "number=8;")
        #expect((object?["headers"] as? [String: String])?["ce_id"] == "e8")
        let table = try await tail(topic, one + ["--color", "always"])
        #expect(table.output.count == 2)
        #expect(table.output[1].contains("\u{1B}[36mcom.notion.page.created\u{1B}[0m"))
    }

    @Test(.needsKafka)
    func `the last records of each partition are found, clamped to what is kept`() async throws {
        let topic = try await topic()
        let all = try await tail(topic, ["--from", "beginning", "--format", "%p %o\\n"])
        let last = try await tail(topic, ["--last", "2", "--format", "%p %o\\n"])
        let partitions = Dictionary(grouping: all.output) { $0.prefix(1) }
        #expect(Set(last.output) == Set(partitions.values.flatMap { $0.suffix(2) }))
        #expect(try await tail(topic, ["--last", "1000000", "--format", "%o\\n"]).output.count == 100)
        let both = try await tail(topic, ["--last", "2", "--from", "end"], expecting: 2)
        #expect(both.errors[0].contains("--last and --from both say where to start"))
    }

    @Test(.needsKafka)
    func `what is wrong is said in a line`() async throws {
        let topic = try await topic()
        let wrong: [([String], String, Int32)] = [
            (["--format", "%q"], "notion-relay: --format: %q at character 1 is not a token", 2),
            (["--grep", "a("], "notion-relay: --grep: is not a regular expression at character 3", 2),
            (["--entity", "https://example.com/"], "notion-relay: --entity: write an id", 2),
        ]
        for (arguments, beginning, status) in wrong {
            let child = try await tail(topic, arguments, expecting: status)
            #expect(child.errors.count == 1 && child.errors[0].hasPrefix(beginning), "\(child.errors)")
            #expect(child.output.isEmpty)
        }
        let child = try await tail((name: "nowhere", client: topic.client), [], expecting: 1)
        #expect(child.errors.count == 1 && child.errors[0].hasPrefix("notion-relay: there is no topic nowhere; "))
    }

    @Test(.needsKafka)
    func `an empty topic, statistics and Ctrl-C`() async throws {
        let empty = try await SharedKafka.topic(partitions: 2)
        let nothing = try await tail(empty, ["--from", "beginning", "--stats"])
        #expect(nothing.errors.first == "notion-relay: \(empty.name) has no records there")
        #expect(nothing.errors.last?.hasPrefix("notion-relay: read 0 records, showed 0, in ") == true)

        let topic = try await topic()
        let words = ["tail", "--kafka", topic.client.bootstrapServers[0], "--topic", topic.name]
        let live = try RelayProcess(words + ["--last", "100", "--format", "%s\\n", "--stats"])
        try await live.child.output.waitForLine(containing: "number=99;")
        live.child.signal(SIGINT)
        #expect(try await live.exitStatus() == .exited(0))
        let summary = try await live.child.errors.allUntilEnd().last ?? ""
        #expect(summary.hasPrefix("notion-relay: read ") && summary.hasSuffix("partitions: 3"), "\(summary)")
    }

    /// On a terminal the status stands below the rows, and is gone in the end.
    @Test(.needsKafka)
    func `on a terminal the status line gives way to records`() async throws {
        let topic = try await topic()
        let process = try RelayProcess(
            [
                "tail", "--kafka", topic.client.bootstrapServers[0], "--topic", topic.name, "--from", "beginning",
                "--exit-at-end", "--type", "page.*",
            ],
            environment: ["TERM": "xterm", "NO_COLOR": "1"],
            onTerminal: true
        )
        #expect(try await process.exitStatus() == .exited(0))
        let lines = try await process.child.output.allUntilEnd()
        let text = lines.joined(separator: "\n")
        #expect(text.contains("of 3 partitions at their end"))
        // What is erased was one row, and nothing else is moved.
        let codes = text.matches(of: try Regex(#"\x1B\[[0-9]*[A-Za-z]"#)).map { String(text[$0.range]) }
        #expect(Set(codes) == ["\u{1B}[J"])
        #expect(lines.count { $0.contains("com.notion.page.created") && $0.contains(Self.page) } == 25)
        #expect(lines.last?.contains("notion-relay: read 100 records, showed 25") == true)
        #expect(lines.allSatisfy { $0.hasSuffix("\r") })
    }
}
