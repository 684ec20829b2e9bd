import Kafka
import OrderedConsumer
import RecordOutput

struct RecordSelection {
    enum Decision {
        case matched(Record)
        case outside, filtered, looped
        /// It is a copy that was sent back from a group's dead letters; the original is in the topic as well.
        case redriven
        /// A stored body that cannot be published; the word is the reason.
        case unreadable(String)
    }

    let window: ReplayWindow
    private let filter: RecordFilter
    private let replaysMax: Int
    private let renormalizer: Renormalizer?
    private let id: [UInt8]
    private var mark: MarkWriter

    init(id: String, window: ReplayWindow, filter: RecordFilter, replaysMax: Int, renormalizer: Renormalizer?) {
        self.window = window
        self.filter = filter
        self.replaysMax = replaysMax
        self.renormalizer = renormalizer
        self.id = Array(id.utf8)
        mark = MarkWriter(id: id)
    }

    /// The record is marked in place: it should be the only copy of it.
    mutating func decide(_ record: consuming Record) -> Decision {
        guard window.holds(milliseconds: record.timestampMilliseconds) else { return .outside }
        var (isRedriven, isReplayed) = (false, false)
        record.forEachHeader { name, _ in
            switch name {
            case ReplayMark.Name.id, ReplayMark.Name.count, ReplayMark.Name.origin: isReplayed = true
            case RedriveMark.Name.group: isRedriven = true
            default: break
            }
        }
        guard !isRedriven else { return .redriven }
        let count = isReplayed ? Self.count(of: record) : 0
        // A copy of this very replay, in a topic that another one has filled meanwhile.
        guard count < replaysMax, !isReplayed || record.header(ReplayMark.Name.id) != id else { return .looped }
        guard renormalizer == nil else { return renormalized(record, count: count + 1) }
        guard filter.matches(record) else { return .filtered }
        let (topic, place) = (record.topic, Self.place(of: record))
        var event = consume record
        if isReplayed {
            mark.replace(on: &event, count: count + 1, topic: topic, place)
        } else {
            mark.append(to: &event, count: count + 1, topic: topic, place)
        }
        return .matched(event)
    }

    private mutating func renormalized(_ record: Record, count: Int) -> Decision {
        switch renormalizer?.event(of: record) {
        case .success(let event)?:
            guard filter.matches(event) else { return .filtered }
            var event = event
            mark.append(to: &event, count: count, topic: record.topic, Self.place(of: record))
            return .matched(event)
        case .failure(let refusal)?: return .unreadable(refusal.word)
        case nil: return .filtered
        }
    }

    /// An unreadable count is taken as the highest: another program's header must not be able to start a loop.
    private static func count(of record: Record) -> Int { ReplayMark(record: record)?.count ?? .max }

    private static func place(of record: borrowing Record) -> RecordPlace {
        RecordPlace(partition: record.partition ?? -1, offset: record.offset ?? -1)
    }
}

/// Writes a replay's mark into its records, and encodes the values that all of them share only once.
struct MarkWriter {
    private static let idName = Array(ReplayMark.Name.id.utf8)
    private static let countName = Array(ReplayMark.Name.count.utf8)
    private static let originName = Array(ReplayMark.Name.origin.utf8)

    private let id: String
    private let idBytes: [UInt8]
    private var count = 0
    private var countBytes: [UInt8] = []
    private var topic = ""
    private var topicBytes = 0
    /// `<topic>/<partition>@<offset>` of the last record.
    private var origin: [UInt8] = []

    init(id: String) {
        self.id = id
        idBytes = Array(id.utf8)
    }

    mutating func append(to record: inout Record, count: Int, topic: String, _ place: RecordPlace) {
        write(count)
        write(topic, place)
        record.append(header: Self.idName.span, idBytes.span)
        record.append(header: Self.countName.span, countBytes.span)
        record.append(header: Self.originName.span, origin.span)
    }

    func replace(on record: inout Record, count: Int, topic: String, _ place: RecordPlace) {
        record = ReplayMark(id: id, count: count, topic: topic, place: place).applied(to: record)
    }

    private mutating func write(_ count: Int) {
        guard count != self.count else { return }
        self.count = count
        countBytes = Array("\(count)".utf8)
    }

    private mutating func write(_ topic: String, _ place: RecordPlace) {
        if topic != self.topic {
            self.topic = topic
            origin = Array("\(topic)/".utf8)
            topicBytes = origin.count
        }
        origin.removeSubrange(topicBytes...)
        write(Int64(place.partition))
        origin.append(UInt8(ascii: "@"))
        write(place.offset)
    }

    /// In decimal, without an intermediate string.
    private mutating func write(_ number: Int64) {
        if number < 0 { origin.append(UInt8(ascii: "-")) }
        let first = origin.count
        var rest = number.magnitude
        repeat {
            origin.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        var (left, right) = (first, origin.count - 1)
        while left < right {
            origin.swapAt(left, right)
            (left, right) = (left + 1, right - 1)
        }
    }
}
