import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct NewestTimesTests {
    @Test(arguments: [0, 1, 3, 50])
    func `an event is late if a newer one of a key that is remembered was seen`(capacity: Int) {
        var generator = SeededGenerator()
        var newest = NewestTimes(capacity: capacity)
        var model: [(key: UInt8, newest: Int64)] = []
        for _ in 0..<5000 {
            let key = UInt8.random(in: 0..<UInt8(capacity + 3), using: &generator)
            let time = Int64.random(in: -5...40, using: &generator)
            let isLate = newest.observe(KeyBytes([key]), time)
            guard let place = model.firstIndex(where: { $0.key == key }) else {
                #expect(!isLate, "\(generator)")
                // The key that was seen first makes room for a new one.
                model = Array((model + [(key, time)]).suffix(capacity))
                continue
            }
            #expect(isLate == (time < model[place].newest), "\(generator)")
            model[place].newest = max(model[place].newest, time)
        }
    }

    @Test
    func `an event of the same time is not late`() {
        var newest = NewestTimes(capacity: 1)
        let answers = [5, 5, 4, 6, 5].map { newest.observe(KeyBytes([1]), $0) }
        #expect(answers == [false, false, true, false, true])
    }
}
