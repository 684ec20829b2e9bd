import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct DedupeWindowTests {
    @Test(arguments: [0, 1, 2, 7, 100])
    func `it knows the newest different ids, and no others`(capacity: Int) {
        var generator = SeededGenerator()
        var window = DedupeWindow(capacity: capacity)
        var model: [[UInt8]] = []
        for _ in 0..<5000 {
            let number = UInt8.random(in: 0..<UInt8(min(255, capacity * 2 + 3)), using: &generator)
            // Ids that differ in their length or their last byte only.
            let id = [UInt8](repeating: 7, count: Int(number % 20)) + [number]
            let isNew = window.insert(KeyBytes(id))
            #expect(isNew == (capacity == 0 || !model.contains(id)), "\(generator)")
            if isNew { model = Array((model + [id]).suffix(capacity)) }
        }
    }

    @Test
    func `a duplicate does not keep its id longer`() {
        var window = DedupeWindow(capacity: 2)
        let answers = [1, 2, 1, 3, 1].map { window.insert(KeyBytes([$0])) }
        #expect(answers == [true, true, false, true, true])
    }

    @Test
    func `equal hashes are made of equal bytes, and length counts`() {
        let keys: [[UInt8]] = [
            [], [0], [0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0], [1], [0, 1], [1, 0],
        ]
        let known = Set(keys.map { KeyBytes($0) })
        #expect(known.count == keys.count)
        for key in keys { #expect(known.contains(KeyBytes(key))) }
    }
}
