import Kafka
import Operations
import RecordOutput
import TestSupport
import Testing
import TextOutput

@Suite
struct RecordTableTests {
    private static let page = "260d1674-1a2b-4c3d-8e4f-0123456789ab"

    private static func record(_ headers: [(String, String)], key: String = page) -> Record {
        Record(
            topic: "t",
            partition: 3,
            offset: 41,
            timestampMilliseconds: 1_791_277_367_713,
            key: Array(key.utf8),
            headers: headers.map { .init(name: $0.0, value: Array($0.1.utf8)) },
            value: nil
        )
    }

    private static let created = [("ce_type", "com.notion.page.created"), ("ce_id", "e1")]

    private func lines(_ record: Record, colors: TerminalColors = .off) throws -> (heading: String, row: String) {
        let format = try RecordFormat("table", colors: colors)
        var buffer: [UInt8] = []
        format.write(record, to: &buffer)
        return (String(decoding: format.heading, as: UTF8.self), String(decoding: buffer, as: UTF8.self))
    }

    @Test
    func `columns are aligned, and nothing trails`() throws {
        let (heading, row) = try lines(Self.record(Self.created))
        #expect(
            heading == "PARTITION  OFFSET     TIME                      TYPE                                KEY"
                + "                                   ID                                    NOTE\n"
        )
        #expect(
            row == "3          41         2026-10-06T09:02:47.713Z  com.notion.page.created             "
                + "\(Self.page)  e1\n"
        )
    }

    @Test(arguments: [
        ([("relay-dlq-reason", "attempts"), ("relay-dlq-group", "g")], "dead letter: attempts"),
        ([("relay-dead-letter-reason", "not_json")], "dead letter: not_json"),
        ([("relay-redrive-group", "search")], "redriven for search"),
        ([("relay-replay-id", "r1")], "replayed"),
        (
            [("relay-replay-id", "r1"), ("relay-redrive-group", "g"), ("relay-dlq-reason", "parked")],
            "dead letter: parked, redriven for g, replayed"
        ),
    ])
    func `what happened to a record is noted`(marks: [(String, String)], note: String) throws {
        let row = try lines(Self.record(Self.created + marks)).row
        #expect(row.hasSuffix("  \(note)\n"))
        // Under its heading.
        let heading = try lines(Self.record([])).heading
        #expect(row.distance(to: note) == heading.distance(to: "NOTE"))
    }

    @Test
    func `a record without anything has a row`() throws {
        let row = try lines(Record(topic: "t", key: nil, value: nil)).row
        #expect(row.split(separator: " ") == ["-1", "-1", "-", "-", "-", "-\n"])
    }

    @Test(arguments: [
        ("com.notion.page.created", "\u{1B}[36m"), ("page.created", "\u{1B}[36m"),
        ("com.notion.comment.x", "\u{1B}[32m"),
    ])
    func `a type has the colour of what it is about`(type: String, code: String) throws {
        let row = try lines(Self.record([("ce_type", type)]), colors: .on).row
        #expect(row.contains("\(code)\(type)\u{1B}[0m"))
    }

    @Test
    func `colours change no column, and dead letters are red`() throws {
        let record = Self.record(Self.created + [("relay-dlq-reason", "attempts")])
        let row = try lines(record, colors: .on).row
        #expect(row.contains("\u{1B}[31mdead letter: attempts\u{1B}[0m"))
        let plain = row.replacing(try Regex(#"\x1B\[[0-9]+m"#), with: "")
        #expect(try plain == lines(record).row)
    }

    private static let choices: [(ColorChoice, Bool, [String: String], Bool)] = [
        (.auto, true, [:], true), (.auto, false, [:], false), (.auto, true, ["NO_COLOR": "1"], false),
        (.auto, true, ["NO_COLOR": ""], true), (.auto, true, ["TERM": "dumb"], false),
        (.always, false, ["NO_COLOR": "1"], true), (.never, true, [:], false),
    ]

    @Test(arguments: choices)
    func `colours come when they are wanted`(
        choice: ColorChoice,
        isTerminal: Bool,
        environment: [String: String],
        isOn: Bool
    ) {
        let colors = TerminalColors(choice, isTerminal: isTerminal, environment: environment)
        #expect(colors == (isOn ? .on : .off))
    }

    /// Whatever a topic holds: one row, nothing that a terminal obeys, and no end of it.
    @Test
    func `nothing harmful reaches the terminal`() throws {
        var random = SeededGenerator()
        let names = ["ce_type", "ce_id", "relay-dlq-reason", "relay-redrive-group"]
        let likely = "a\u{1B}]0;\u{7}\u{9B}31m\u{202E}\n\r字"
        for _ in 0..<2000 {
            var record = Self.record([])
            record.key = random.bytes(like: likely, countMax: 300)
            record.headers = names.map { .init(name: $0, value: random.bytes(like: likely, countMax: 300)) }
            let row = try lines(record).row
            #expect(row.hasSuffix("\n") && row.count < 500, "\(random)")
            #expect(!row.dropLast().unicodeScalars.contains { PlainText.isHarmful($0) }, "\(random)")
        }
    }
}

extension String {
    fileprivate func distance(to part: String) -> Int? {
        firstRange(of: part).map { distance(from: startIndex, to: $0.lowerBound) }
    }
}
