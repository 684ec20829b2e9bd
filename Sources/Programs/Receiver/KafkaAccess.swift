import Dispatch
import Kafka
import Operations
import Synchronization

/// What all loops need to know of Kafka before they send: whether the topics take this user's records, and how large
/// batches may be. One thread of its own asks the brokers; no delivery waits for it.
final class KafkaAccess: Sendable {
    /// What a loop goes by.
    struct Plan: Equatable {
        /// Events may be sent.
        var isOpen = false
        /// The brokers refuse this user, and nothing but a trial connects to them.
        var isSuspended = false
        var takesDeadLetters = true
        var batchBytesMax = BatchLimit.standardBytes
    }

    enum TopicRole: String, CaseIterable, Sendable {
        case events
        case deadLetters = "dead_letters"
    }

    private struct State {
        var events = AccessStateMachine()
        var deadLetters = AccessStateMachine()
        var batch: BatchLimit
        /// The topics' settings were looked at: until then no batch is known to be small enough.
        var isRead = false
        var lookAt: Int64 = 0
        var lookPause = KafkaAccess.lookAgainMilliseconds
        var deadLetterTrouble: String?
        var deadLettersAreMissing = false
        var warnings: Set<String> = []
        var plan = Plan()
        var wakeups: [Int32] = []
        var isStopped = false

        subscript(role: TopicRole) -> AccessStateMachine {
            get { role == .events ? events : deadLetters }
            set { if role == .events { events = newValue } else { deadLetters = newValue } }
        }
    }

    // Limits: how often topics are looked at, sooner as long as they could not be; how long brokers may take.
    private static let lookMilliseconds: Int64 = 10_000
    private static let lookAgainMilliseconds: Int64 = 100
    private static let lookAgainMillisecondsMax: Int64 = 2_000
    private static let lookTimeout = Duration.seconds(1)
    private static let trialTimeout = Duration.seconds(5)

    private let producer: ProducerSettings
    private let topics: [TopicRole: String]
    private let requiresDeadLetters: Bool
    private let telemetry: AccessTelemetry
    private let state: Mutex<State>
    private let changes = Atomic<Int>(1)
    private let wake = DispatchSemaphore(value: 0)

    init(_ settings: ReceiverSettings, _ telemetry: AccessTelemetry) {
        producer = settings.producer
        topics = [.events: settings.topic, .deadLetters: settings.deadLetterTopic]
        requiresDeadLetters = settings.deadLetterRequired
        self.telemetry = telemetry
        state = Mutex(State(batch: BatchLimit(chosen: settings.producer.chosenBatchBytesMax)))
    }

    /// Grows with each change of the plan.
    var version: Int { changes.load(ordering: .acquiring) }

    var plan: Plan { state.withLock { $0.plan } }

    func start() { DispatchQueue(label: "kafka.access").async { [self] in run() } }

    /// Ends the thread, after what it is asking now. Idempotent.
    func stop() {
        state.withLock { $0.isStopped = true }
        wake.signal()
    }

    /// Adds 1 to this eventfd at each change, until `stopWaking`.
    func wake(_ fileDescriptor: Int32) { state.withLock { $0.wakeups.append(fileDescriptor) } }

    func stopWaking(_ fileDescriptor: Int32) { state.withLock { $0.wakeups.removeAll { $0 == fileDescriptor } } }

    /// The brokers have refused a record of a topic, or the client as a whole.
    func refused(_ error: KafkaError, _ role: TopicRole) {
        change { state in
            let change = state[role].refused(error, at: Self.now(), jitter: .random(in: 0...1))
            tell(change, role, state[role])
        }
        wake.signal()
    }

    /// Records have been acknowledged lately.
    func acknowledged() {
        state.withLock { state in
            state.events.acknowledged()
            state.deadLetters.acknowledged()
        }
    }

    /// A topic has refused a batch for its size, and not one record of it.
    func refused(batchesOf bytes: Int) { change { $0.batch.refused(batchesOf: bytes) } }

    private static func now() -> Int64 { Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000) }

    /// Whether the topics are to be asked for the right to write, and not only after a refusal. Without a login there
    /// are hardly ever rights, and clusters in this process would keep what is sent.
    private var hasLogin: Bool {
        (producer.client.extra["security.protocol"] ?? "plaintext").lowercased() != "plaintext"
    }

    // The thread.

    private func run() {
        var admin: Admin?
        var tested: Set<TopicRole> = hasLogin ? [] : Set(TopicRole.allCases)
        while !state.withLock({ $0.isStopped }) {
            for role in TopicRole.allCases where state.withLock({ $0[role].isTrialDue(at: Self.now()) }) {
                settle(role, trial(of: role))
            }
            if state.withLock({ $0.events.refusal != nil }) {
                // A client that stays would go on trying to log in.
                admin?.close()
                admin = nil
            } else if state.withLock({ $0.lookAt <= Self.now() }) {
                look(&admin, &tested)
            }
            let pause = state.withLock { state in
                [state.events.trialAt, state.deadLetters.trialAt, state.events.refusal == nil ? state.lookAt : nil]
                    .compactMap { $0 }.min().map { max(0, $0 - Self.now()) } ?? Self.lookMilliseconds
            }
            _ = wake.wait(timeout: .now() + .milliseconds(Int(pause)))
        }
        admin?.close()
    }

    private func settle(_ role: TopicRole, _ outcome: WriteTrial.Outcome) {
        change { state in
            let change = state[role].tried(outcome, at: Self.now(), jitter: .random(in: 0...1))
            if change == .resumed { state.lookAt = 0 }
            tell(change, role, state[role])
        }
    }

    /// As far as the error that is known was about: a login, a producer id, a topic.
    private func trial(of role: TopicRole) -> WriteTrial.Outcome {
        guard let known = state.withLock({ $0[role].refusal }) else { return .granted }
        do throws(KafkaError) {
            if role == .events {
                let outcome = try WriteTrial.producerID(producer, timeout: Self.trialTimeout)
                guard outcome == .granted else { return outcome }
            }
            guard hasLogin || known.isTopicAuthorization else { return .granted }
            return try write(role).outcome
        } catch {
            return .unanswered(error)
        }
    }

    private func write(_ role: TopicRole) throws(KafkaError) -> (outcome: WriteTrial.Outcome, wasStored: Bool) {
        try WriteTrial.topic(name(role), producer.client, timeout: Self.trialTimeout)
    }

    private func name(_ role: TopicRole) -> String { topics[role] ?? "" }

    private func look(_ admin: inout Admin?, _ tested: inout Set<TopicRole>) {
        var found: [TopicRole: Result<TopicInspection, KafkaError>] = [:]
        do throws(KafkaError) {
            let client: Admin
            if let admin { client = admin } else { client = try Admin(producer.client) }
            admin = client
            for role in TopicRole.allCases { found[role] = inspect(role, client) }
            let login = client.takeErrors().last { $0.isAuthentication }
            // One broker of several may have a problem of its own.
            if let login, case .failure = found[.events] { refused(login, .events) }
            for role in TopicRole.allCases where !tested.contains(role) {
                guard case .success = found[role] else { continue }
                let (outcome, wasStored) = try write(role)
                if case .refused(let error) = outcome { refused(error, role) }
                if case .unanswered = outcome {} else { tested.insert(role) }
                if wasStored { tested = Set(TopicRole.allCases) }
            }
        } catch {
            found[.events] = .failure(error)
        }
        take(found)
    }

    private func inspect(_ role: TopicRole, _ admin: Admin) -> Result<TopicInspection, KafkaError> {
        do throws(KafkaError) {
            return .success(try admin.inspect(name(role), timeout: Self.lookTimeout))
        } catch {
            return .failure(error)
        }
    }

    private func take(_ found: [TopicRole: Result<TopicInspection, KafkaError>]) {
        let inspections = found.compactMapValues { try? $0.get() }
        for (role, result) in found {
            if case .failure(let error) = result, error.isTopicAuthorization { refused(error, role) }
        }
        change { state in
            state.batch.read(inspections.values.compactMap(\.messageBytesMax).min())
            state.isRead = state.isRead || inspections[.events] != nil
            let isComplete = inspections.count == TopicRole.allCases.count
            state.lookAt = Self.now() + (isComplete ? Self.lookMilliseconds : state.lookPause)
            state.lookPause =
                isComplete ? Self.lookAgainMilliseconds : min(state.lookPause * 2, Self.lookAgainMillisecondsMax)
            warn(&state, .events, inspections[.events]?.compaction.map { "cleanup.policy is \($0)" })
            state.deadLetterTrouble =
                Self.trouble(found[.deadLetters])
                ?? state.deadLetterTrouble.flatMap { known in
                    // Brokers that do not answer say nothing about the topic.
                    inspections[.deadLetters] == nil ? known : nil
                }
            state.deadLettersAreMissing = state.deadLetterTrouble != nil && inspections[.deadLetters] == nil
            warn(&state, .deadLetters, state.deadLetterTrouble)
        }
    }

    private static func trouble(_ found: Result<TopicInspection, KafkaError>?) -> String? {
        switch found {
        case .failure(let error) where error.isUnknownTopic:
            "it does not exist; create it with `notion-relay topics apply`"
        case .success(let topic):
            topic.compaction.map { "cleanup.policy is \($0), which deletes all but the newest record of a key" }
        case .failure, nil: nil
        }
    }

    /// Tells what has changed since it was told.
    private func warn(_ state: inout State, _ role: TopicRole, _ trouble: String?) {
        let text = trouble.map { "\(role.rawValue): \($0)" }
        let told = state.warnings.first { $0.hasPrefix("\(role.rawValue):") }
        guard text != told else { return }
        if let told { state.warnings.remove(told) }
        if let text { state.warnings.insert(text) }
        telemetry.topic(name(role), role, trouble: trouble)
    }

    private func tell(_ change: AccessStateMachine.Change, _ role: TopicRole, _ access: AccessStateMachine) {
        switch change {
        case .none: break
        case .resumed: telemetry.resumed(name(role), role)
        case .suspended, .refusedAgain:
            guard let error = access.refusal, let next = access.trialAt else { return }
            telemetry.refused(error, name(role), role, nextInMilliseconds: next - Self.now())
        }
    }

    // Every change of the state goes through here.

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            show(state)
            let plan = Plan(
                isOpen: state.isRead && state.events.refusal == nil,
                isSuspended: state.events.refusal != nil,
                takesDeadLetters: state.deadLetters.refusal == nil && !state.deadLettersAreMissing,
                batchBytesMax: state.batch.bytesMax
            )
            guard plan != state.plan else { return }
            state.plan = plan
            changes.wrappingAdd(1, ordering: .releasing)
            for wakeup in state.wakeups { Producer.signal(fileDescriptor: wakeup) }
        }
    }

    private func show(_ state: State) {
        let deadLetters = state.deadLetters.refusal.map(reason) ?? state.deadLetterTrouble
        telemetry.show(
            publishing: state.events.refusal.map(reason) ?? (state.isRead ? nil : AccessTelemetry.unread),
            deadLetters: requiresDeadLetters ? deadLetters.map { "\(name(.deadLetters)): \($0)" } : nil,
            isSuspended: state.events.refusal != nil
        )
    }

    /// Without how long it took (`… (after 313ms in state AUTH_REQ)`): a reason that is the same is told once.
    private func reason(_ error: KafkaError) -> String {
        let text = error.description
        let end = text.firstRange(of: " (after ")?.lowerBound ?? text.endIndex
        return "Kafka refuses records: \(text[..<end])"
    }
}

extension ProducerSettings {
    /// What the user has set as an option of librdkafka.
    var chosenBatchBytesMax: Int? { batchBytesMax ?? client.extra["batch.size"].flatMap { Int($0) } }

    /// The same with this limit in place of what was chosen.
    func with(batchBytesMax: Int) -> ProducerSettings {
        var settings = self
        guard chosenBatchBytesMax != nil || batchBytesMax != BatchLimit.standardBytes else { return settings }
        settings.client.extra["batch.size"] = nil
        settings.batchBytesMax = batchBytesMax
        return settings
    }
}
