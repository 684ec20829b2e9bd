import Kafka
import OrderedConsumer

/// Puts a replay's mark on its records, and makes the texts that are the same on all of them only once. Pure.
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

    /// Puts the mark behind the headers of a record that has none yet.
    mutating func append(to record: inout Record, count: Int, topic: String, _ place: RecordPlace) {
        write(count)
        write(topic, place)
        record.append(header: Self.idName.span, idBytes.span)
        record.append(header: Self.countName.span, countBytes.span)
        record.append(header: Self.originName.span, origin.span)
    }

    /// Puts the mark in the place of older ones, which is slower.
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

    /// In decimal, without a text in between.
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
