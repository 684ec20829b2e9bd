import Foundation
import Kafka
import OrderedConsumer
import TestSupport
import Testing

/// `Examples/PythonConsumer` before a real broker: what an edge published is validated and printed in order.
@Suite(.needsKafka, .needsPython(with: "confluent-kafka and jsonschema"), .timeLimit(.minutes(3)))
struct PythonConsumerTests {
    private static let token = "secret_consumer"

    private struct Line: Decodable {
        struct Event: Decodable {
            let id: String
            let entity: Entity
        }

        struct Entity: Decodable {
            let id: String
        }

        let partition: Int32
        let offset: Int64
        let key: String
        let replay: String?
        let late: Bool?
        let event: Event
    }

    /// A place in the topic.
    private struct Place: Hashable {
        let partition: Int32
        let offset: Int64
    }

    private static func lines(_ process: ChildProcess) throws -> [Line] {
        let decoder = JSONDecoder()
        return try process.output.all.map { try decoder.decode(Line.self, from: Data($0.utf8)) }
    }

    private func consume(_ topic: String, _ client: ClientSettings, _ arguments: [String]) throws -> ChildProcess {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Examples/PythonConsumer/consume.py").standardized
        return try ChildProcess(
            #require(TestPython.path),
            ["-I", script.path, "--kafka", client.bootstrapServers[0], "--topic", topic] + arguments,
            environment: ["PATH": "/usr/bin:/bin"]
        )
    }

    /// Deliveries, some of them twice, through an edge.
    private func deliver(_ topic: String, _ client: ClientSettings, seed: Int, mode: String) async throws {
        let edge = try RelayProcess.receive(
            kafka: client.bootstrapServers[0],
            token: Self.token,
            arguments: ["--topic", topic, "--dead-letter-topic", topic, "--cloudevents", mode]
        )
        try await edge.waitUntilReady()
        let folder = try TemporaryDirectory("ledger")
        let simulator = try RelayProcess([
            "simulate", "deliver", "--url", "http://127.0.0.1:\(edge.port)/notion/webhooks", "--token", Self.token,
            "--count", "200", "--entities", "12", "--duplicate", "0.1", "--seed", "\(seed)", "--ledger",
            folder.file("ledger.jsonl"),
        ])
        #expect(try await simulator.exitStatus() == .exited(0), "\(simulator.child.errors.tail())")
        #expect(try await edge.terminate() == .exited(0))
    }

    /// The records that are events, each id once: what has to be printed, partition by partition.
    private func expected(_ records: [Record]) -> [Int32: [Int64]] {
        var seen: Set<[UInt8]> = []
        var offsets: [Int32: [Int64]] = [:]
        for record in records {
            guard let id = record.header("ce_id"), let partition = record.partition, let offset = record.offset,
                seen.insert(id).inserted
            else { continue }
            offsets[partition, default: []].append(offset)
        }
        return offsets
    }

    @Test
    func `events of both modes are printed once and in order, and what is none is named`() async throws {
        let (topic, client) = try await SharedKafka.topic(partitions: 3)
        try await deliver(topic, client, seed: 1, mode: "binary")
        let structured = [Record.Header(name: "content-type", value: Array("application/cloudevents+json".utf8))]
        let event = #"{"id":"e","type":"page.created","entity":{"type":"page","id":"p"}}"#
        let strangers: [(value: String?, headers: [Record.Header], reason: String)] = [
            (nil, [], "it has no value"),
            ("page.created", [], "its value is not valid JSON"),
            (String(repeating: "[", count: 100_000), [], "its value is not valid JSON"),
            (event, [], "is a required property"),
            (#"{"specversion":"1.0","data":null}"#, structured, "None is not of type 'object'"),
            ("[]", structured, "None is not of type 'object'"),
            ("7", [Record.Header(name: "content-type", value: nil)], "7 is not of type 'object'"),
        ]
        let records = strangers.map { stranger in
            Record(
                topic: topic,
                partition: 1,
                key: Array("p".utf8),
                headers: stranger.headers,
                value: stranger.value.map { Array($0.utf8) }
            )
        }
        try RecordSender.send(records, client)
        try await deliver(topic, client, seed: 2, mode: "structured")
        let all = try await WholeTopic.records(of: topic, client)

        let reading = try consume(topic, client, ["--group", "g", "--exit-at-end"])
        #expect(await reading.exitStatus() == .exited(1), "\(reading.errors.tail())")
        let lines = try Self.lines(reading)
        let printed = Dictionary(grouping: lines, by: \.partition).mapValues { $0.map(\.offset) }
        #expect(printed == expected(all))
        #expect(lines.count > 300)
        #expect(lines.allSatisfy { $0.key == $0.event.entity.id })
        let refusals = reading.errors.all.filter { $0.contains("is skipped") }
        #expect(refusals.count == strangers.count)
        let places = all.filter { $0.header("ce_id") == nil }
        #expect(places.count == strangers.count)
        for place in places {
            let name = "\(topic) [\(place.partition ?? -1)] @ \(place.offset ?? -1) is skipped"
            #expect(refusals.contains { $0.contains(name) }, "\(name)")
        }
        for stranger in strangers {
            #expect(refusals.contains { $0.contains(stranger.reason) }, "\(stranger.reason): \(refusals)")
        }

        let again = try consume(topic, client, ["--group", "g", "--exit-at-end"])
        #expect(await again.exitStatus() == .exited(0))
        #expect(again.output.all.isEmpty, "everything was committed")
    }

    @Test
    func `another group's redrive is unseen, also an early release's, and a replay comes once, marked`() async throws {
        let (topic, client) = try await SharedKafka.topic(partitions: 3)
        try await deliver(topic, client, seed: 4, mode: "binary")
        let first = try consume(topic, client, ["--group", "p", "--exit-at-end"])
        #expect(await first.exitStatus() == .exited(0))
        let printed = try Self.lines(first)
        let key = try #require(printed.first?.key)

        var settings = try KeyedConsumerSettings(client: client, group: "keyed", topic: topic)
        settings.group.sessionTimeoutMilliseconds = 6000
        let isHealed = Switch()
        let consumer = try KeyedConsumer(settings) { consumed in
            consumed.record.key == Array(key.utf8) && !isHealed.isOn ? .deadLetter(.handler, "no") : .done
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await consumer.run() }
            defer { consumer.stop() }
            try await eventually(within: .seconds(30), "the dead letters") {
                consumer.figures.counts.deadLetters.values.reduce(0, +) > 0 && consumer.figures.partitions.count == 3
                    && consumer.figures.waiting == 0 ? true : nil
            }
            isHealed.turnOn()
            let redrive = try RelayProcess([
                "redrive", "--kafka", client.bootstrapServers[0], "--topic", topic, "--group", "keyed",
            ])
            #expect(try await redrive.exitStatus() == .exited(0), "\(redrive.child.errors.tail())")
        }
        let event = try #require(try await WholeTopic.records(of: topic, client).first { $0.key == Array(key.utf8) })
        let place = RecordPlace(partition: event.partition ?? 0, offset: event.offset ?? 0)
        try RecordSender.send(
            [RedriveMark(group: "keyed", run: "r", count: 1, origin: place).applied(to: event)],
            client
        )
        let unseen = try consume(topic, client, ["--group", "p", "--exit-at-end"])
        #expect(await unseen.exitStatus() == .exited(0) && unseen.output.all.isEmpty)
        #expect(unseen.errors.text.contains(" 1 passed over"), "\(unseen.errors.tail())")

        for _ in 0..<2 {
            let replay = try RelayProcess([
                "replay", "--kafka", client.bootstrapServers[0], "--topic", topic, "--entity", key, "--from",
                "beginning", "--to-topic", topic,
            ])
            #expect(try await replay.exitStatus() == .exited(0), "\(replay.child.errors.tail())")
        }
        let reader = try consume(topic, client, ["--group", "p", "--exit-at-end"])
        #expect(await reader.exitStatus() == .exited(0))
        let replayed = try Self.lines(reader)
        let ids = Set(printed.filter { $0.key == key }.map(\.event.id))
        let byReplay = Dictionary(grouping: replayed, by: \.replay)
        #expect(byReplay.count == 2 && !byReplay.keys.contains(nil))
        #expect(byReplay.values.allSatisfy { Set($0.map(\.event.id)) == ids && $0.count == ids.count })
        // The first process does not remember; within one, what comes again behind newer ones is late.
        #expect(ids.count < 2 || replayed.contains { $0.late == true })
        let skipping = try consume(topic, client, ["--group", "q", "--exit-at-end", "--skip-replays"])
        #expect(await skipping.exitStatus() == .exited(0))
        #expect(try Self.lines(skipping).count == printed.count)
    }

    @Test
    func `killed in the middle, the group goes on without a gap; told to stop, it ends well`() async throws {
        let (topic, client) = try await SharedKafka.topic(partitions: 3)
        try await deliver(topic, client, seed: 3, mode: "binary")
        let expected = expected(try await WholeTopic.records(of: topic, client))
        let wanted = Set(
            expected.flatMap { partition, offsets in offsets.map { Place(partition: partition, offset: $0) } }
        )

        let folder = try TemporaryDirectory("client")
        try folder.write("# short, for the test's sake\nsession.timeout.ms=6000\n\n", to: "client.txt")
        let group = ["--group", "k", "--client", folder.file("client.txt")]
        let killed = try consume(topic, client, group)
        try await eventually(within: .seconds(30), "a hundred lines") { killed.output.count >= 100 ? true : nil }
        killed.signal(SIGKILL)
        #expect(await killed.exitStatus() == .signalled(SIGKILL))

        let next = try consume(topic, client, group)
        try await eventually(within: .seconds(40), "all events") {
            let seen = Set(
                try (Self.lines(killed) + Self.lines(next)).map { Place(partition: $0.partition, offset: $0.offset) }
            )
            return seen.isSuperset(of: wanted) ? true : nil
        }
        next.signal(SIGTERM)
        #expect(await next.exitStatus() == .exited(0))
        #expect(next.errors.all.last?.hasSuffix("0 refused") == true, "\(next.errors.tail())")
    }

    @Test
    func `wrong uses end with a line that says what is wrong`() async throws {
        let (topic, client) = try await SharedKafka.topic()
        let folder = try TemporaryDirectory("client")
        try folder.write("no.such.setting=1\n", to: "unknown.txt")
        try folder.write("just words\n", to: "words.txt")
        let cases: [(arguments: [String], status: Int32, message: String)] = [
            ([], 2, "the following arguments are required: --group"),
            (["--group", "w", "--schema", "/nowhere.json"], 2, "No such file or directory: '/nowhere.json'"),
            (["--group", "w", "--client", folder.file("unknown.txt")], 2, "no.such.setting"),
            (["--group", "w", "--client", folder.file("words.txt")], 2, "words.txt: line 1 is not NAME=VALUE"),
            (["--group", "w", "--topic", "not-there", "--exit-at-end"], 1, "not-there"),
        ]
        for (arguments, status, message) in cases {
            let process = try consume(topic, client, arguments)
            #expect(await process.exitStatus() == .exited(status), "\(arguments)")
            #expect(process.errors.text.contains(message), "\(process.errors.text)")
            #expect(!process.errors.text.contains("Traceback"), "\(process.errors.text)")
            #expect(process.output.all.isEmpty)
        }
    }
}
