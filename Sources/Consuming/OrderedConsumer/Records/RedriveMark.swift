public import Kafka
import TextOutput

/// What a dead letter that was sent back to its topic says about that.
public struct RedriveMark: Sendable, Equatable {
    /// The group that it is meant for. Members of other groups skip it.
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

    /// A mark.
    public init(group: String, run: String, count: Int, origin: RecordPlace, drained: RecordPlace? = nil) {
        precondition(PlainText.isIdentifier(run), "A run's id has 1 to 128 bytes and no control characters.")
        precondition(count > 0, "The first time that a record is sent back counts as 1.")
        self.group = group
        self.run = run
        self.count = count
        self.origin = origin
        self.drained = drained
    }

    /// The mark of a record; nil if it has none, or one that cannot be read.
    public init?(record: Kafka.Record) {
        guard let group = record.mark(Name.group), GroupTopics.isName(group),
            let run = record.mark(Name.run), PlainText.isIdentifier(run),
            let count = record.mark(Name.count).flatMap({ Decimal<Int>($0) })?.value, count > 0,
            let origin = record.mark(Name.origin).flatMap({ RecordPlace(text: $0) })
        else { return nil }
        let drained = record.mark(Name.drained).flatMap { RecordPlace(text: $0) }
        self.init(group: group, run: run, count: count, origin: origin, drained: drained)
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
        return marked
    }

    package enum Name {
        package static let group = "relay-redrive-group"
        static let run = "relay-redrive-run"
        static let count = "relay-redrive-count"
        static let origin = "relay-redrive-origin"
        static let drained = "relay-redrive-drained"
    }
}
