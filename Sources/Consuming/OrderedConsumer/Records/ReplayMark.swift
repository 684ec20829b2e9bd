public import Kafka
import TextOutput

/// What a record that was replayed says about that: three headers behind its own.
public struct ReplayMark: Sendable, Equatable {
    /// The replay that sent it: one to 128 bytes without control characters; the same for all of its records, also
    /// when it was stopped and resumed.
    public var id: String
    /// How often the record has been replayed, this time included.
    public var count: Int
    /// The topic it was read from.
    public var topic: String
    /// Where it stands there.
    public var place: RecordPlace

    /// A mark.
    public init(id: String, count: Int, topic: String, place: RecordPlace) {
        precondition(PlainText.isIdentifier(id), "A replay's id has 1 to 128 bytes and no control characters.")
        precondition(count > 0, "The first time that a record is replayed counts as 1.")
        self.id = id
        self.count = count
        self.topic = topic
        self.place = place
    }

    /// The mark of a record; nil if it has none, or one that cannot be read.
    public init?(record: Kafka.Record) {
        guard let id = record.mark(Name.id), PlainText.isIdentifier(id),
            let count = record.mark(Name.count).flatMap({ Decimal<Int32>($0) })?.value, count > 0,
            let origin = record.mark(Name.origin), let slash = origin.lastIndex(of: "/"),
            let place = RecordPlace(text: String(origin[origin.index(after: slash)...]))
        else { return nil }
        self.init(id: id, count: Int(count), topic: String(origin[..<slash]), place: place)
    }

    /// The record with this mark behind its own headers, and without any other of the kind.
    public func applied(to record: Kafka.Record) -> Kafka.Record {
        var marked = record
        marked.headers =
            record.headers.filter { !Name.all.contains($0.name) } + [
                .init(Name.id, id), .init(Name.count, "\(count)"), .init(Name.origin, origin),
            ]
        return marked
    }

    /// `<topic>/<partition>@<offset>`.
    package var origin: String { "\(topic)/\(place)" }

    package enum Name {
        package static let id = "relay-replay-id"
        package static let count = "relay-replay-count"
        package static let origin = "relay-replayed-from"
        package static let all = [id, count, origin]
    }
}
