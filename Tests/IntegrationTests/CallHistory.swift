import Kafka

/// All that happened to the records of a topic: what was sent, called, given up, and who was away when.
struct CallHistory: Sendable {
    /// Nanoseconds between the end of a call and the commit that covers it: the interval of commits, and a way to the
    /// broker and back on a busy machine.
    let uncommitted: Int
    let calls: [Call]
    let absences: [Absence]
    /// The first offset and the key of each id that was sent.
    private(set) var sent: [String: (key: String, number: Int, place: (partition: Int32, offset: Int64))] = [:]
    private(set) var sentCount = 0
    /// How often each id was given up.
    private(set) var given: [String: Int] = [:]
    /// Where each key's first dead letter stood.
    private(set) var parkedFrom: [String: Int64] = [:]

    init(calls: [Call], absences: [Absence], records: [Record], deadLetters: [Record], uncommitted: Duration) {
        self.calls = calls
        self.absences = absences
        self.uncommitted = Int(uncommitted / .nanoseconds(1))
        sentCount = records.count
        for record in records {
            let id = Self.text(record, "ce_id")
            guard sent[id] == nil, let partition = record.partition, let offset = record.offset else { continue }
            let number = Int(String(decoding: record.value ?? [], as: UTF8.self)) ?? -1
            sent[id] = (String(decoding: record.key ?? [], as: UTF8.self), number, (partition, offset))
        }
        for letter in deadLetters {
            given[Self.text(letter, "ce_id"), default: 0] += 1
            let key = String(decoding: letter.key ?? [], as: UTF8.self)
            let origin = Int64(Self.text(letter, "relay-dlq-offset")) ?? -1
            parkedFrom[key] = min(parkedFrom[key] ?? .max, origin)
        }
    }

    private static func text(_ record: Record, _ header: String) -> String {
        String(decoding: record.headers.first { $0.name == header }?.value ?? [], as: UTF8.self)
    }

    private var byKey: [String: [Call]] { Dictionary(grouping: calls, by: \.key) }
    var done: [String: [Call]] { Dictionary(grouping: calls.filter(\.isDone), by: \.id) }
}

// What must not be.
extension CallHistory {
    /// Ids that were neither handled nor given up.
    var lost: [String] {
        let done = done
        return sent.keys.filter { done[$0] == nil && given[$0] == nil }.sorted()
    }

    /// Keys whose events were first handled in another order than the topic's.
    var outOfOrder: [String] {
        byKey.compactMap { key, calls in
            var seen: Set<String> = []
            let first = calls.filter(\.isDone).sorted { ($0.end ?? 0) < ($1.end ?? 0) }
                .filter { seen.insert($0.id).inserted }
            let numbers = first.map(\.number)
            guard let place = zip(numbers, numbers.dropFirst()).first(where: { $0 > $1 }) else { return nil }
            return "\(key): \(place.1) after \(place.0)"
        }.sorted()
    }

    /// Calls of keys that stood behind a dead letter of their key and were handled all the same.
    var handledBehindDeadLetters: [String] {
        calls.filter { call in call.isDone && parkedFrom[call.key].map { call.offset > $0 } ?? false }
            .map { "\($0.id) by \($0.member)" }
    }

    /// Pairs of calls of one key at one time, of which none was a zombie's.
    var overlaps: [String] {
        overlappingPairs.filter { !isZombie($0.0) && !isZombie($0.1) }.map { first, second in
            "\(first.id) by \(first.member) and \(second.id) by \(second.member)"
        }
    }

    var overlappingPairs: [(Call, Call)] {
        byKey.values.flatMap { calls -> [(Call, Call)] in
            var pairs: [(Call, Call)] = []
            var running: [Call] = []
            for call in calls.sorted(by: { $0.begin < $1.begin }) {
                running.removeAll { self.end(of: $0) <= call.begin }
                pairs += running.map { ($0, call) }
                running.append(call)
            }
            return pairs
        }
    }

    /// A call that a killed process did not end has ended with the process.
    private func end(of call: Call) -> Int {
        call.end ?? absences.first { $0.member == call.member && [.killed, .left].contains($0.kind) }?.from ?? .max
    }
}

// What a crash may cost.
extension CallHistory {
    /// How long a member that was frozen may take to notice that its partitions are others'.
    private static let noticing = 3_000_000_000

    private func freezes(of call: Call) -> [Absence] {
        absences.filter { $0.kind == .frozen && $0.member == call.member }
    }

    /// A call of a frozen member that ran when it was frozen, or began before it had noticed.
    func isZombie(_ call: Call) -> Bool {
        freezes(of: call).contains { absence in
            end(of: call) >= absence.from && call.begin <= (absence.until ?? .max - Self.noticing) + Self.noticing
        }
    }

    /// Calls that a member began after it was frozen for long, for events that others handled too.
    var begunByZombies: [Call] {
        let done = done
        return calls.filter { call in
            let isLate = freezes(of: call).contains { absence in
                absence.until.map { (($0)...($0 + Self.noticing)).contains(call.begin) } ?? false
            }
            return isLate && (done[call.id] ?? []).contains { $0.member != call.member }
        }
    }

    /// Events that were handled twice although nobody was killed or frozen near their calls.
    var handledTwice: (inside: [String], outside: [String]) {
        var found: (inside: [String], outside: [String]) = ([], [])
        for (id, calls) in done where calls.count > 1 {
            let first = calls.sorted { $0.begin < $1.begin }
            // All but the last must have been lost with a member.
            let isExcused = first.dropLast().allSatisfy { isInWindow($0) } || first.contains { isZombie($0) }
            if isExcused { found.inside.append(id) } else { found.outside.append(id) }
        }
        return found
    }

    /// What a member ended shortly before it was killed or frozen may not have been committed.
    private func isInWindow(_ call: Call) -> Bool {
        absences.contains { absence in
            guard absence.member == call.member || absence.kind == .cutOff, absence.kind != .left else { return false }
            let until = absence.kind == .cutOff ? absence.until ?? .max : absence.from
            return end(of: call) >= absence.from - uncommitted && call.begin <= until
        }
    }
}
