public import Kafka
import TextOutput

/// What a dead letter that was sent back to its group says about that.
public struct RedriveMark: Sendable, Equatable {
    /// The group that it is meant for. Members of other groups skip it, where an earlier release sent it to the topic.
    public var group: String
    /// The id of the run that sent it: one to 128 bytes without control characters.
    public var run: String
    /// How often it has been sent back, this time included.
    public var count: Int
    /// Where it first stood in its topic.
    public var origin: RecordPlace
    /// On the last record of a parked key in a run's round: everything of this key up to this place in the dead-letter
    /// topic has been sent.
    public var drained: RecordPlace?
    /// Of a key that was parked: all its dead letters up to this place in the dead-letter topic were known to the run.
    /// Once the key is no longer parked, the record was handled.
    public var known: RecordPlace?

    /// A mark.
    public init(
        group: String,
        run: String,
        count: Int,
        origin: RecordPlace,
        drained: RecordPlace? = nil,
        known: RecordPlace? = nil
    ) {
        precondition(PlainText.isIdentifier(run), "A run's id has 1 to 128 bytes and no control characters.")
        precondition(count > 0, "The first time that a record is sent back counts as 1.")
        self.group = group
        self.run = run
        self.count = count
        self.origin = origin
        self.drained = drained
        self.known = known
    }

    /// The mark of a record; nil if it has none, or one that cannot be read.
    public init?(record: Kafka.Record) {
        guard let group = record.mark(Name.group), GroupTopics.isName(group),
            let run = record.mark(Name.run), PlainText.isIdentifier(run),
            let count = record.mark(Name.count).flatMap({ Decimal<Int32>($0) })?.value, count > 0,
            let origin = record.mark(Name.origin).flatMap({ RecordPlace(text: $0) })
        else { return nil }
        let drained = record.mark(Name.drained).flatMap { RecordPlace(text: $0) }
        self.init(
            group: group,
            run: run,
            count: Int(count),
            origin: origin,
            drained: drained,
            known: record.mark(Name.known).flatMap { RecordPlace(text: $0) }
        )
    }

    /// The record with this mark behind its own headers, and without any other.
    public func applied(to record: Kafka.Record) -> Kafka.Record {
        var marked = record
        marked.headers =
            record.ownHeaders + [
                .init(Name.group, group),
                .init(Name.run, run),
                .init(Name.count, "\(count)"),
                .init(Name.origin, origin.description),
            ]
        if let drained { marked.headers.append(.init(Name.drained, drained.description)) }
        if let known { marked.headers.append(.init(Name.known, known.description)) }
        return marked
    }

    package enum Name {
        package static let group = "relay-redrive-group"
        static let run = "relay-redrive-run"
        static let count = "relay-redrive-count"
        static let origin = "relay-redrive-origin"
        static let drained = "relay-redrive-drained"
        static let known = "relay-redrive-known"
    }
}

extension Kafka.Record {
    /// Headers that the relay, and Spring, add to a record's own.
    private static let markPrefixes = ["relay-dlq-", "relay-redrive-", "kafka_dlt-"]

    var ownHeaders: [Header] { headers.filter { header in !Self.markPrefixes.contains { header.name.hasPrefix($0) } } }

    /// Ours come after the record's own, so the last one counts. Nil if it is missing or not UTF-8.
    func mark(_ name: String) -> String? {
        guard let value = header(name) else { return nil }
        return String(validating: value, as: UTF8.self)
    }
}

extension Kafka.Record.Header {
    init(_ name: String, _ text: String) { self.init(name: name, value: Array(text.utf8)) }

    /// Spring writes numbers big-endian, with all their bytes.
    init(_ name: String, bigEndian number: some FixedWidthInteger) {
        let bytes = stride(from: number.bitWidth - 8, through: 0, by: -8).map { shift in
            UInt8(truncatingIfNeeded: number >> shift)
        }
        self.init(name: name, value: bytes)
    }
}
