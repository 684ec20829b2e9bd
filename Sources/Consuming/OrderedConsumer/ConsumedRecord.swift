public import Kafka

/// What a handler is called with: a record, and what is known about it.
public struct ConsumedRecord: Sendable {
    /// The record as it was read.
    public var record: Record { read.record }
    private let read: ReadRecord
    /// The event's id (the header `ce_id`, CloudEvents' Kafka binding), if it has one that is UTF-8.
    public var id: String? { read.facts.idText }
    /// 1 for the first call with this record, 2 for its first retry, …
    public let attempt: Int
    /// A newer event of this key, by `ce_time`, was handed out before: an answer that depends on order is out of date.
    public let isLate: Bool
    /// With coalescing: the older records of this key that this call stands for, in order.
    public let superseded: [Superseded]
    /// How often this record was sent back from the dead letters; 0 for one that comes for the first time.
    public let redrives: Int
    /// What says that the record was replayed; nil for one that came by itself. It may have been handled before, also
    /// by this group, and it comes behind newer events of its key, so that it counts as late.
    public var replay: ReplayMark? { read.facts.replayID == nil ? nil : ReplayMark(record: record) }

    /// What a handler would be called with, for a handler's own tests. Id, redrives and replay come from the headers.
    public init(_ record: Record, attempt: Int = 1, isLate: Bool = false, superseded: [Superseded] = []) {
        self.init(ReadRecord(record), attempt: attempt, isLate: isLate, superseded: superseded)
    }

    private init(_ read: ReadRecord, attempt: Int, isLate: Bool, superseded: [Superseded]) {
        self.read = read
        self.attempt = attempt
        self.isLate = isLate
        self.superseded = superseded
        redrives = read.facts.mark?.count ?? 0
    }

    /// An older record that a call stands for.
    public struct Superseded: Sendable, Equatable {
        /// The event's id, if it has one that is UTF-8.
        public let id: String?
        /// Where the record stands in the topic.
        public let place: RecordPlace

        /// A record by its id and place.
        public init(id: String?, place: RecordPlace) {
            self.id = id
            self.place = place
        }
    }

    init(_ batch: LaneBatch) {
        let older = batch.records.count == 1 ? [] : batch.records.dropLast()
        let superseded = older.map { queued in
            Superseded(
                id: queued.facts.idText,
                place: RecordPlace(partition: queued.record.partition ?? -1, offset: queued.record.offset ?? -1)
            )
        }
        self.init(batch.newest.read, attempt: batch.failures + 1, isLate: batch.isLate, superseded: superseded)
    }
}

/// What a handler says became of a record.
public enum Verdict: Sendable, Equatable {
    /// It is done.
    case done
    /// It is of no interest, which is counted apart from what was done.
    case skip
    /// Try again, not before `after`; counts as a failed attempt if other records are done meanwhile. The text is for
    /// people.
    case retry(String, after: Duration? = nil)
    /// What the handler depends on is in trouble, or asks for time, and the record is not to blame: no new call begins
    /// before `after`, or for growing pauses, and then one to try. The text is for people.
    case hold(String, after: Duration? = nil)
    /// It will never succeed: to the dead letters at once. The text is for people.
    case deadLetter(DeadLetterReason, String)
}

/// Handles the records of a group: it is called once at a time for each key, in the order of the topic.
///
/// An error that it throws counts as the verdict that ``KeyedConsumerSettings/classify`` returns for it. A cancelled
/// task means that the call has passed its deadline or that its partition goes to another member: return soon; whatever
/// is returned then counts only if it is `done` and still in time.
public typealias RecordHandler = @Sendable (ConsumedRecord) async throws -> Verdict
