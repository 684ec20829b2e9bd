import Kafka
import OrderedConsumer
import Synchronization
import TestSupport

/// What a handler was called with, key by key.
final class HandledLog: Sendable {
    private struct State {
        var numbers: [String: [Int]] = [:]
        var count = 0
        var running: Set<String> = []
        var overlaps = 0
    }

    private let state = Mutex(State())

    /// The numbers of each key's records in the order of their calls.
    var numbers: [String: [Int]] { state.withLock { $0.numbers } }
    var count: Int { state.withLock { $0.count } }

    /// Calls of a key that began while another of the same key was running.
    var overlaps: Int { state.withLock { $0.overlaps } }

    /// Keys whose calls went back in the topic's order, apart from repetitions.
    var outOfOrder: [String] {
        numbers.filter { _, numbers in
            var seen: Set<Int> = []
            let first = numbers.filter { seen.insert($0).inserted }
            return first != first.sorted()
        }.keys.sorted()
    }

    func begin(_ consumed: ConsumedRecord) {
        let key = String(decoding: consumed.record.key ?? [], as: UTF8.self)
        state.withLock { state in
            if !state.running.insert(key).inserted { state.overlaps += 1 }
        }
    }

    func end(_ consumed: ConsumedRecord, counts: Bool = true) {
        let key = String(decoding: consumed.record.key ?? [], as: UTF8.self)
        let number = Int(String(decoding: consumed.record.value ?? [], as: UTF8.self)) ?? -1
        state.withLock { state in
            state.running.remove(key)
            guard counts else { return }
            state.numbers[key, default: []].append(number)
            state.count += 1
        }
    }

    /// Returns once that many calls have ended.
    func wait(for count: Int, within limit: Duration = .seconds(60)) async throws {
        try await eventually(within: limit, "\(count) calls") { self.count >= count ? true : nil }
    }
}
