import Dispatch
import Kafka
import Operations
import Subscriptions
import Synchronization

/// A replica's link to the subscriptions topic: it follows what operators write, and writes the handshakes that came
/// here and the uses of tokens. One task; no delivery waits for it.
final class SubscriptionsLink: Sendable {
    /// A producer with a fatal error is replaced, and refusals that last are answered with pauses, as those of events.
    private struct Writer {
        var producer: Producer
        var refusals = 0
        var waitUntil: Int64 = 0
    }

    // Limit: how long a handshake that came here may wait to be written, and a token to be dropped after its date.
    private static let tickMilliseconds = 250

    private let topic: SubscriptionsTopic
    private let reading: CompactedTopic
    private let writer: Mutex<Writer>
    private let duties: SubscriptionDutiesStateMachine
    private let activeTokens: ActiveTokens
    private let pending: PendingHandshakes
    private let uses: TokenUses
    private let telemetry: SubscriptionTelemetry
    private let now: @Sendable () -> Int64

    init(
        _ topic: SubscriptionsTopic,
        duties: SubscriptionDutiesStateMachine,
        activeTokens: ActiveTokens,
        pending: PendingHandshakes,
        uses: TokenUses,
        telemetry: SubscriptionTelemetry,
        now: @escaping @Sendable () -> Int64
    ) throws(KafkaError) {
        self.topic = topic
        self.duties = duties
        self.activeTokens = activeTokens
        self.pending = pending
        self.uses = uses
        self.telemetry = telemetry
        self.now = now
        reading = try CompactedTopic(topic.topic, client: topic.client)
        writer = Mutex(Writer(producer: try Self.makeProducer(topic)))
    }

    private static func makeProducer(_ topic: SubscriptionsTopic) throws(KafkaError) -> Producer {
        let settings = ProducerSettings(
            client: topic.client,
            lingerMilliseconds: 0,
            messageTimeoutMilliseconds: 5_000,
            statisticsIntervalMilliseconds: 0
        )
        return try Producer(settings, delivery: .awaited { _ in })
    }

    func run() async {
        var snapshot = SubscriptionsSnapshot()
        var isStarted = false
        var isRead = false
        while true {
            let change = try? await reading.read(within: Self.tickMilliseconds) { record in
                let refusal = snapshot.apply(record, openedWith: topic.keys)
                if let refusal { telemetry.refused(record, refusal) }
            }
            guard let change else { return }
            for error in change.errors { telemetry.noted(error) }
            if !isStarted { isStarted = await start() }
            isRead = isRead || change.isAtEnd
            guard isRead else { continue }
            let isFirst = !activeTokens.isComplete
            let hasChanged = !change.hasRecords && !isFirst ? activeTokens.retire(at: now()) : update(from: snapshot)
            if hasChanged || isFirst { telemetry.changed(activeTokens.keyring) }
            await write(&snapshot)
            telemetry.show(activeTokens.keyring, snapshot, now: now())
        }
    }

    private func update(from snapshot: SubscriptionsSnapshot) -> Bool {
        activeTokens.update(from: snapshot, now: now())
    }

    private func start() async -> Bool {
        do throws(KafkaError) {
            let partitions = try await reading.partitionCount()
            guard partitions == 1 else {
                telemetry.unreadable("it has \(partitions) partitions, and the subscriptions topic has one")
                return false
            }
            try await reading.start()
            return true
        } catch {
            telemetry.unreadable(
                error.isUnknownTopic ? "it does not exist; create it with `notion-relay topics apply`" : error.message
            )
            return false
        }
    }

    /// Writes what is due. What cannot be written now stays where it is, and is tried again at the next tick.
    private func write(_ snapshot: inout SubscriptionsSnapshot) async {
        let time = now()
        guard writer.withLock({ $0.waitUntil <= time }) else { return }
        let active = Set(activeTokens.keyring.keys.map(\.fingerprint))
        let (handshakes, known) = duties.handshakes(pending.held(), snapshot, active: active, now: time)
        pending.drop(known)
        do throws(KafkaError) {
            for record in handshakes {
                try await send(record, &snapshot)
                if case .handshake(_, let token) = record { pending.drop([Fingerprint(token)]) }
            }
            for record in duties.tidying(snapshot, now: time) + duties.uses(uses.seen, snapshot) {
                try await send(record, &snapshot)
            }
            writer.withLock { $0.refusals = 0 }
        } catch {
            telemetry.notWritten(error)
            recover(from: error, at: time)
        }
    }

    private func recover(from error: KafkaError, at time: Int64) {
        guard error.isAccessRefused || error.isFatal else { return }
        let lost = writer.withLock { writer -> Producer? in
            writer.refusals += 1
            let jitter = Double.random(in: 0...1)
            writer.waitUntil = time + AccessStateMachine.pause(afterFailures: writer.refusals, jitter: jitter)
            guard writer.producer.fatalError != nil, let new = try? Self.makeProducer(topic) else { return nil }
            defer { writer.producer = new }
            return writer.producer
        }
        if let lost { DispatchQueue.global().async { lost.close() } }
    }

    /// What was written is known here at once, so that it is not written again before it comes back.
    private func send(_ record: SubscriptionRecord, _ snapshot: inout SubscriptionsSnapshot) async throws(KafkaError) {
        let record = record.record(in: topic.topic, sealedWith: topic.keys)
        _ = try await writer.withLock { $0.producer }.send(record)
        snapshot.apply(record, openedWith: topic.keys)
    }

    func close() {
        reading.close()
        writer.withLock { $0.producer }.close()
    }
}
