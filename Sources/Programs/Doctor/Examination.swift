package import Kafka
import SubscriptionAdministration
package import Subscriptions

package struct DoctorSettings: Sendable {
    package let client: ClientSettings
    package var topic: String
    package var deadLetterTopic: String
    package var subscriptionsTopic: String
    package var path = "/notion/webhooks"
    package var tokens: [Fingerprint] = []
    package var keys = SealingKeys([])
    package var isEnrolmentOpen = false
    package var isSignatureOptional = false
    package var bodyBytesMax = 1 << 20
    package var operations: OperationsAddress = .notGiven
    package var publicURL: PublicURL?
    package var authoritiesFile: String?
    package var apiToken: APIToken?
    package var apiURL = "https://api.notion.com"
    package var window: Duration = .seconds(7 * 86_400)
    /// Limit: of each request.
    package var timeout: Duration = .seconds(10)

    package init(client: ClientSettings, topic: String, deadLetterTopic: String, subscriptionsTopic: String) {
        self.client = client
        self.topic = topic
        self.deadLetterTopic = deadLetterTopic
        self.subscriptionsTopic = subscriptionsTopic
    }
}

/// A token of Notion's API. It appears in no text.
package struct APIToken: Sendable, CustomStringConvertible, CustomReflectable {
    let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { "<API token>" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

package enum OperationsAddress: Sendable, Equatable {
    case url(String)
    /// A Unix socket or a port that the kernel chose, which cannot be asked from here.
    case notGiven
}

/// What is independent is read concurrently, each request with its timeout; what cannot be read is evidence too.
package struct Examination: Sendable {
    // Limit: of events whose headers are read.
    private static let recordsMax = 200_000
    // Limit: last records of a partition, and partitions; what is wanted is the newest of each kind.
    private static let eachMax = 25
    private static let partitionsMax = 64

    private let settings: DoctorSettings
    private let now: @Sendable () -> Int64

    /// `now` is in milliseconds since 1970.
    package init(_ settings: DoctorSettings, now: @escaping @Sendable () -> Int64) {
        self.settings = settings
        self.now = now
    }

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

    private func readURL(_ progress: @Sendable (String) -> Void) async -> (Reading<URLFacts>, ClockSample?)? {
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

    /// A topic with more than one partition has a finding of its own, and its records have no order.
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
            return .failed(Self.text(error))
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
            return .failed(Self.text(error))
        }
    }

    /// Without them there is only less to ask the API for.
    private func recent() async -> RecentEvents? { await newest(of: settings.topic).map { RecentEvents($0) } }

    private func deadLetters() async -> DeadLetters? {
        let reader = reader(of: settings.deadLetterTopic)
        guard let count = try? await reader.count(since: since, partitionsMax: Self.partitionsMax) else { return nil }
        guard count > 0 else { return DeadLetters(count: 0) }
        return DeadLetters(count: count, records: await newest(of: settings.deadLetterTopic) ?? [])
    }

    /// The last records of each partition; what did not come in time is missing.
    private func newest(of topic: String) async -> [Record]? {
        var records: [Record] = []
        do {
            try await reader(of: topic).readNewest(eachMax: Self.eachMax, partitionsMax: Self.partitionsMax) {
                records.append($0)
            }
        } catch TopicReaderError.unfinished {
        } catch {
            return nil
        }
        return records
    }

    private func reader(of topic: String) -> TopicReader {
        TopicReader(client: settings.client, topic: topic, timeout: settings.timeout, limit: .total(settings.timeout))
    }

    private static func text(_ error: any Error) -> String {
        (error as? KafkaError).map { "\($0.message) (\($0.name))" } ?? "\(error)"
    }
}
