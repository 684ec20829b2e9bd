import Kafka
import OrderedConsumer
import Replayer
import TestSupport
import Testing

@Suite
struct BacklogTests {
    @Test
    func `dead letters of a key come in the order in which they first stood`() throws {
        var backlog = try Letters.backlog()
        for (offset, origin) in [(0, 7), (1, 9), (2, 8), (3, 3)] { backlog.add(Letters.record(offset, origin: origin)) }
        backlog.add(Letters.record(4, key: "b", origin: 1))
        #expect(backlog.letters(of: Array("a".utf8)).map(\.letter.origin.offset) == [3, 7, 8, 9])
        #expect(backlog.letters(of: Array("a".utf8)).map(\.place.offset) == [3, 0, 2, 1])
        #expect(backlog.keys == [Array("a".utf8), Array("b".utf8)] && backlog.waiting == 5)
    }

    @Test
    func `what was redriven, and what is no dead letter of the group, does not wait`() throws {
        var backlog = try Letters.backlog(redriven: [0: CompletedOffsets(next: 2, ranges: [4...4])])
        for offset in 0..<6 { backlog.add(Letters.record(offset, origin: offset)) }
        backlog.add(Letters.record(6, origin: 6, group: "other"))
        backlog.add(Record(topic: "t.g.dlq", partition: 0, offset: 7, key: Array("a".utf8), value: nil))
        #expect(backlog.letters(of: Array("a".utf8)).map(\.place.offset) == [2, 3, 5])
        #expect(backlog.foreign == 2)
    }

    @Test
    func `a dead letter without its value stays where it is`() throws {
        var backlog = try Letters.backlog()
        var record = Letters.record(0, origin: 5)
        record.headers.append(.init(name: "relay-dlq-omitted-value-bytes", value: Array("9".utf8)))
        backlog.add(record)
        backlog.add(Letters.record(1, origin: 6))
        #expect(backlog.letters(of: Array("a".utf8)).map(\.place.offset) == [1] && backlog.foreign == 1)
    }

    @Test
    func `a dead letter that was written twice is sent once, and both count as sent`() throws {
        var backlog = try Letters.backlog()
        for (offset, origin) in [(0, 5), (1, 6), (2, 5), (3, 5)] { backlog.add(Letters.record(offset, origin: origin)) }
        let letters = backlog.letters(of: Array("a".utf8))
        #expect(letters.map(\.place.offset) == [3, 1])
        #expect(letters[0].copies.map(\.offset) == [0, 2])
    }

    @Test
    func `two records of a topic that was made again are two, also at one offset, and the older one goes first`() throws
    {
        var backlog = try Letters.backlog()
        for (offset, (origin, time)) in [(5, 100), (6, 200), (5, 300), (0, 400), (5, 300)].enumerated() {
            backlog.add(Letters.record(offset, origin: origin, time: Int64(time)))
        }
        let letters = backlog.letters(of: Array("a".utf8))
        #expect(letters.map(\.place.offset) == [0, 1, 4, 3])
        #expect(letters.map(\.letter.timestampMilliseconds) == [100, 200, 300, 400])
        #expect(letters[2].copies.map(\.offset) == [2])
    }

    @Test
    func `a key is held whole or left for another run`() throws {
        var backlog = try Letters.backlog(bytesMax: 1000)
        for (offset, key) in ["a", "b", "a", "c", "a", "c"].enumerated() {
            backlog.add(Letters.record(offset, key: key, origin: offset))
        }
        #expect(backlog.letters(of: Array("a".utf8)).count == 3 && backlog.letters(of: Array("b".utf8)).count == 1)
        #expect(backlog.letters(of: Array("c".utf8)).isEmpty && backlog.leftOut == 2)
    }

    /// Whatever comes in whatever order: nothing is lost, and each key is sorted.
    @Test
    func `any dead letters are all there, once for each origin`() throws {
        var random = SeededGenerator()
        for _ in 0..<100 {
            var backlog = try Letters.backlog()
            var expected: [String: Set<Int>] = [:]
            for offset in 0..<Int.random(in: 0...60, using: &random) {
                let key = ["a", "b", "c"].randomElement(using: &random) ?? "a"
                let origin = Int.random(in: 0..<20, using: &random)
                expected[key, default: []].insert(origin)
                backlog.add(Letters.record(offset, key: key, origin: origin))
            }
            for (key, origins) in expected {
                let found = backlog.letters(of: Array(key.utf8)).map { Int($0.letter.origin.offset) }
                #expect(found == origins.sorted(), "\(random)")
            }
        }
    }
}
