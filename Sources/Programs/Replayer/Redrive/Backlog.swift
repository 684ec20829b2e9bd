package import Kafka
package import OrderedConsumer

/// The dead letters that wait, by key. Records of the dead-letter topic are added in their order.
package struct Backlog {
    package struct Waiting: Sendable {
        package let place: RecordPlace
        package let letter: DeadLetter
        package let original: Record
        /// Other copies of it, from crashes between writing and committing: sent with it, once.
        package fileprivate(set) var copies: [RecordPlace] = []

        /// The same record, given up twice. An offset alone does not say so: a topic that was made again has it anew.
        fileprivate func isSame(as other: Waiting) -> Bool {
            letter.origin == other.letter.origin && letter.timestampMilliseconds == other.letter.timestampMilliseconds
                && original.header("ce_id") == other.original.header("ce_id")
        }

        /// The topic was made again between the two records: this one is newer, at an offset that is not.
        fileprivate func isOfLaterTopic(than other: Waiting) -> Bool {
            guard letter.origin.partition == other.letter.origin.partition, letter.redrives == 0,
                letter.origin.offset <= other.letter.origin.offset, let time = letter.timestampMilliseconds,
                let otherTime = other.letter.timestampMilliseconds
            else { return false }
            return letter.origin.offset == other.letter.origin.offset || time > otherTime
        }
    }

    private let topics: GroupTopics
    private let redriven: [Int32: CompletedOffsets]
    private let bytesMax: Int
    private var bytes = 0
    package private(set) var keys: [[UInt8]?] = []
    private var letters: [[UInt8]?: [Waiting]] = [:]
    private var skippedKeys: Set<[UInt8]?> = []

    /// Records that are not dead letters of this group.
    package private(set) var foreign = 0
    /// Dead letters that are left for another run, because they would exceed what may be held.
    package private(set) var leftOut = 0
    package private(set) var waiting = 0

    package init(topics: GroupTopics, redriven: [Int32: CompletedOffsets], bytesMax: Int) {
        self.topics = topics
        self.redriven = redriven
        self.bytesMax = bytesMax
    }

    package mutating func add(_ record: Record) {
        guard let partition = record.partition, let offset = record.offset, let letter = DeadLetter(record: record),
            letter.topic == topics.topic, letter.group == topics.group,
            // Without its value it is not the event: that one is replayed from its place.
            letter.omittedValueBytes == nil
        else {
            foreign += 1
            return
        }
        guard redriven[partition]?.contains(offset) != true else { return }
        let key = record.key
        // A key is held whole or not at all: its order depends on it.
        guard !skippedKeys.contains(key), letters[key] != nil || bytes < bytesMax else {
            skippedKeys.insert(key)
            leftOut += 1
            return
        }
        waiting += 1
        if letters[key] == nil { keys.append(key) }
        bytes += 512 + (record.value?.count ?? 0) + (key?.count ?? 0)
        let new = Waiting(
            place: RecordPlace(partition: partition, offset: offset),
            letter: letter,
            original: letter.original(of: record)
        )
        insert(new, for: key)
    }

    private mutating func insert(_ new: Waiting, for key: [UInt8]?) {
        var list = letters[key] ?? []
        if let place = list.firstIndex(where: { $0.isSame(as: new) }) {
            var merged = new
            merged.copies = list[place].copies + [list[place].place]
            list[place] = merged
        } else if list.contains(where: { new.isOfLaterTopic(than: $0) }) {
            list.append(new)
        } else {
            list.insert(
                new,
                at: list.firstIndex { $0.letter.origin.offset > new.letter.origin.offset } ?? list.endIndex
            )
        }
        letters[key] = list
    }

    /// A key's dead letters in the original order of its records.
    package func letters(of key: [UInt8]?) -> [Waiting] { letters[key] ?? [] }
}
