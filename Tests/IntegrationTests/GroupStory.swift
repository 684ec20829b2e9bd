import Foundation
import Glibc
import Kafka
import OrderedConsumer
import Pages
import Synchronization
import TestSupport

/// A topic on a broker of its own, and a group whose members are processes that come, go, freeze and die.
final class GroupStory: Sendable {
    static let group = "g"
    static let topic = "events"

    let node: KafkaNode
    let client: ClientSettings
    let directory: TemporaryDirectory
    let partitions: Int
    private let arguments: [String: String]
    private let state = Mutex(State())

    private struct State {
        var count = 0
        var members: [String: ChildProcess] = [:]
        var absences: [Absence] = []
        var numbers: [String: Int] = [:]
        var failures: [String] = []
        var isFlowHeld = false
    }

    init(partitions: Int, _ arguments: [String: String]) async throws {
        node = try await KafkaNode.start()
        client = ClientSettings(bootstrapServers: [node.bootstrapServers])
        directory = try TemporaryDirectory("group")
        self.partitions = partitions
        self.arguments = arguments
        let admin = try Admin(client)
        defer { admin.close() }
        try await admin.createTopic(Self.topic, partitions: partitions, replicationFactor: 1)
        try await GroupTopics(topic: Self.topic, group: Self.group).createMissing(client)
        _ = try PageStore(database)
    }

    var database: String { directory.file("pages.sqlite") }
    var absences: [Absence] { state.withLock { $0.absences } }
    /// Members that ended otherwise than they were told to.
    var failures: [String] { state.withLock { $0.failures } }

    /// The members that run and are not frozen, the oldest first.
    var present: [String] {
        state.withLock { state in
            let frozen = Set(state.absences.filter { $0.kind == .frozen && $0.until == nil }.map(\.member))
            return state.members.keys.filter { !frozen.contains($0) }.sorted { ($0.count, $0) < ($1.count, $1) }
        }
    }

    func log(of member: String) -> String { directory.file("\(member).calls") }

    /// What all members have written down so far.
    var calls: [Call] {
        let count = state.withLock { $0.count }
        return (1...max(count, 1)).flatMap { Call.all(in: log(of: "m\($0)")) }.sorted { $0.begin < $1.begin }
    }

    /// The end of what a member said.
    func lines(of member: String) -> OutputLines? { state.withLock { $0.members[member]?.errors } }
}

// Members.
extension GroupStory {
    /// Starts a member; its name is `m` and the next number.
    @discardableResult
    func join(seed: UInt64) throws -> String {
        let name = state.withLock { state in
            state.count += 1
            return "m\(state.count)"
        }
        let own = [
            "kafka": node.bootstrapServers, "topic": Self.topic, "group": Self.group, "name": name, "seed": "\(seed)",
            "log": log(of: name), "database": database,
        ]
        let child = try ChildProcess(
            BuiltProgram.path("FaultyMember"),
            arguments.merging(own) { _, own in own }.map { "\($0.key)=\($0.value)" }.sorted(),
            environment: ProcessInfo.processInfo.environment
        )
        state.withLock { $0.members[name] = child }
        return name
    }

    /// Waits until a member has partitions.
    func assigned(_ member: String) async throws {
        try await lines(of: member)?.waitForLine("assigned partitions", within: .seconds(30)) {
            $0.contains(" assigned([") && !$0.contains(" assigned([:])")
        }
    }

    /// SIGKILL.
    func kill(_ member: String) async {
        guard let child = remove(member, .killed) else { return }
        child.signal(SIGKILL)
        _ = await child.exitStatus()
    }

    /// SIGTERM, and its end.
    func leave(_ member: String) async {
        guard let child = remove(member, .left) else { return }
        child.signal(SIGTERM)
        let status = await child.exitStatus()
        if status != .exited(0) { note("\(member): \(status)\n\(child.errors.tail())") }
    }

    func freeze(_ member: String) {
        state.withLock { state in
            state.members[member]?.signal(SIGSTOP)
            state.absences.append(Absence(member: member, kind: .frozen, from: Absence.now))
        }
    }

    func thaw(_ member: String) {
        state.withLock { state in
            if let index = state.absences.lastIndex(where: { $0.member == member }) {
                state.absences[index].until = Absence.now
            }
            state.members[member]?.signal(SIGCONT)
        }
    }

    /// All leave; whoever ended by itself before is noted.
    func end() async {
        for member in present {
            if let child = state.withLock({ $0.members[member] }), !child.isRunning {
                note("\(member) has ended by itself: \(await child.exitStatus())\n\(child.errors.tail())")
            }
            await leave(member)
        }
    }

    private func remove(_ member: String, _ kind: Absence.Kind) -> ChildProcess? {
        state.withLock { state in
            state.absences.append(Absence(member: member, kind: kind, from: Absence.now))
            return state.members.removeValue(forKey: member)
        }
    }

    private func note(_ failure: String) { state.withLock { $0.failures.append(failure) } }
}

// The broker.
extension GroupStory {
    /// Restarts the broker, with nothing on its way to it: an idempotent producer of librdkafka 2.0.2 may end over one
    /// that loses its last moments, which is not what is tested here. Members that could not reach it for a session
    /// have to give up what they have.
    func restartBroker(killing: Bool, session: Duration) async throws {
        state.withLock { $0.isFlowHeld = true }
        try await ContinuousClock().sleep(for: .milliseconds(500))
        let from = Absence.now
        if killing { await node.kill() } else { await node.terminate() }
        try await node.restart()
        let now = Absence.now
        state.withLock { state in
            state.isFlowHeld = false
            // A heartbeat may have been the last for a third of a session.
            guard .nanoseconds(now - from) > session / 3 * 2 else { return }
            state.absences.append(Absence(member: "all", kind: .cutOff, from: from, until: now + 2_000_000_000))
        }
    }

    /// Nothing is to be sent now.
    var isFlowHeld: Bool { state.withLock { $0.isFlowHeld } }
}

// Records.
extension GroupStory {
    /// The next record of a key: numbered, with an id, and with what is to befall it.
    func record(_ key: String, fate: String? = nil) -> Record {
        let number = state.withLock { state in
            defer { state.numbers[key, default: 0] += 1 }
            return state.numbers[key, default: 0]
        }
        var headers = [Record.Header(name: "ce_id", value: Array("\(key)-\(number)".utf8))]
        if let fate { headers.append(Record.Header(name: "fate", value: Array(fate.utf8))) }
        return Record(topic: Self.topic, key: Array(key.utf8), headers: headers, value: Array("\(number)".utf8))
    }

    /// Sends a record for each of some keys of their own, whose handler takes its time whatever it is told.
    func sendStubborn(keys: Int) async throws {
        let producer = try Producer(ProducerSettings(client: client), delivery: .awaited { _ in })
        defer { producer.close() }
        for number in 0..<keys { _ = try await producer.send(record("s\(number)", fate: "stubborn")) }
    }

    /// How many records are not done, by what is committed.
    func lag() async throws -> Int64 {
        let consumer = try GroupConsumer(GroupConsumerSettings(client: client, group: Self.group)) {}
        defer { consumer.close() }
        let all = (0..<Int32(partitions)).map { TopicPartition(topic: Self.topic, partition: $0) }
        let committed = try await consumer.committed(all)
        var lag: Int64 = 0
        for partition in all {
            let there = try await consumer.watermarks(of: partition)
            lag += there.upperBound - (committed[partition]?.offset ?? there.lowerBound)
        }
        return lag
    }

    /// Waits until everything that was sent is done.
    func finished(within limit: Duration = .seconds(60)) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        var left = try await lag()
        while left > 0 {
            guard clock.now < deadline else { throw TimeoutError(description: "\(left) records were not done") }
            try await clock.sleep(for: .milliseconds(200))
            left = try await lag()
        }
    }
}
