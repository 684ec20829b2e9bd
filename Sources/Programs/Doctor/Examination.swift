import Kafka
import SubscriptionAdministration
import Subscriptions

/// Looks at everything: what does not depend on each other at the same time, each question with its time limit. What
/// cannot be read is evidence too, and never the end.
package struct Examination: Sendable {
    // Limit: records of the events whose headers are looked at.
    private static let recordsMax = 200_000

    private let settings: DoctorSettings
    private let now: @Sendable () -> Int64

    /// `now` is in milliseconds since 1970.
    package init(_ settings: DoctorSettings, now: @escaping @Sendable () -> Int64) {
        self.settings = settings
        self.now = now
    }

    /// `progress` is told in a few words what is being done.
    package func evidence(progress: @escaping @Sendable (String) -> Void = { _ in }) async -> Evidence {
        async let url = readURL(progress)
        async let edge = EdgeReader(settings: settings).read()
        progress("asking the brokers")
        let (kafka, topics) = await KafkaReader(settings: settings).read()
        var evidence = Evidence(now: now(), kafka: kafka)
        evidence.topics = topics
        if let topics { await read(topics, &evidence, progress) }
        if let token = settings.apiToken {
            progress("asking Notion's API")
            let (facts, clock) = await APIReader(settings: settings, token: token, now: now).read(evidence.recent)
            evidence.api = facts
            evidence.clocks += [clock].compactMap(\.self)
        }
        if let (facts, clock) = await url {
            evidence.url = facts
            evidence.clocks += [clock].compactMap(\.self)
        }
        evidence.edge = await edge
        evidence.now = now()
        return evidence
    }

    private func readURL(
        _ progress: @Sendable (String) -> Void
    ) async -> (Reading<URLFacts>, ClockSample?)? {
        guard let url = settings.publicURL else { return nil }
        progress("asking the public URL")
        return await URLReader(settings: settings, now: now).read(url)
    }

    private func read(
        _ topics: TopicsFacts,
        _ evidence: inout Evidence,
        _ progress: @escaping @Sendable (String) -> Void
    ) async {
        let hasEvents = topics.topics[settings.topic] != nil
        let hasDeadLetters = topics.topics[settings.deadLetterTopic] != nil
        progress("reading the topics")
        async let snapshot = snapshot(topics.topics[settings.subscriptionsTopic])
        async let traffic = hasEvents ? traffic() : nil
        async let recent = hasEvents ? recent() : nil
        async let letters = hasDeadLetters ? deadLetters() : nil
        evidence.snapshot = await snapshot
        evidence.recent = await recent
        let counted = await letters
        switch await traffic {
        case .read(var facts)?:
            facts.deadLetters = counted
            evidence.traffic = .read(facts)
        case let other: evidence.traffic = other
        }
    }

    /// The topic with more than one partition has a finding of its own, and no order to read it in.
    private func snapshot(_ topic: TopicFacts?) async -> SnapshotReading {
        guard let topic else { return .missing }
        let count = topic.partitions.count
        guard count == 1 else { return .failed("it has \(count) partitions, not one") }
        let source = SubscriptionsTopic(
            settings.client,
            topic: settings.subscriptionsTopic,
            keys: settings.keys,
            timeout: settings.timeout
        )
        do {
            return .read(try await source.read())
        } catch {
            return .failed(Self.words(error))
        }
    }

    private var since: Int64 { now() - Int64(settings.window / .milliseconds(1)) }

    private func traffic() async -> Reading<TrafficFacts>? {
        let reader = TrafficReader(
            client: settings.client,
            topic: settings.topic,
            silenceMax: settings.timeout,
            now: now
        )
        do {
            let report = try await reader.read(since: since, recordsMax: Self.recordsMax)
            return .read(TrafficFacts(report: report))
        } catch {
            return .failed(Self.words(error))
        }
    }

    /// Without them there is less to ask the API for, and nothing else is lost.
    private func recent() async -> RecentEvents? {
        let reader = LastRecords(client: settings.client, topic: settings.topic, timeout: settings.timeout)
        return (try? await reader.read()).map { RecentEvents($0) }
    }

    private func deadLetters() async -> DeadLetters? {
        let reader = LastRecords(client: settings.client, topic: settings.deadLetterTopic, timeout: settings.timeout)
        guard let count = try? await reader.count(since: since) else { return nil }
        guard count > 0 else { return DeadLetters(count: 0) }
        return DeadLetters(count: count, records: (try? await reader.read()) ?? [])
    }

    private static func words(_ error: any Error) -> String {
        (error as? KafkaError).map { "\($0.message) (\($0.name))" } ?? "\(error)"
    }
}
