import Kafka
import Subscriptions

/// Everything that was seen, from which all findings follow.
package struct Evidence: Sendable {
    /// Milliseconds since 1970.
    package var now: Int64
    package var kafka: KafkaFacts
    /// Nil, as what else Kafka tells, when the brokers are out of reach.
    package var topics: TopicsFacts?
    package var snapshot = SnapshotReading.notChecked
    package var traffic: Reading<TrafficFacts>?
    package var recent: RecentEvents?
    /// Nil without a public URL.
    package var url: Reading<URLFacts>?
    package var edge = EdgeFacts.notGiven
    /// Nil without a token of the API.
    package var api: APIFacts?
    package var clocks: [ClockSample] = []

    package init(now: Int64, kafka: KafkaFacts) {
        self.now = now
        self.kafka = kafka
    }

    var hasPendingHandshake: Bool {
        let waits = snapshot.snapshot?.handshakes.values.contains { !$0.content.isExpired(at: now) } ?? false
        return waits || !(edge.answer?.pending.isEmpty ?? true)
    }
}

extension DoctorReport {
    /// The findings that follow from what was seen. Pure.
    package init(_ evidence: Evidence, _ settings: DoctorSettings) {
        let now = evidence.now
        var found = KafkaJudge.findings(evidence.kafka, servers: settings.client.bootstrapServers)
        if let topics = evidence.topics {
            found += TopicsJudge.findings(topics, settings)
        } else {
            found.append(.notChecked(.topics, "", because: "Kafka is not reachable"))
        }
        let held = evidence.edge.answer?.pending ?? []
        found += TokensJudge.findings(evidence.snapshot, settings, heldByEdge: held, now: now)
        found += ClockJudge.findings(evidence.clocks, newestRecordAt: evidence.recent?.newestAt, now: now)
        let facts = evidence.traffic?.facts
        switch evidence.traffic {
        case nil where evidence.topics == nil:
            found.append(.notChecked(.traffic, "", because: "Kafka is not reachable"))
        case nil: found.append(.notChecked(.traffic, settings.topic, because: "the topic does not exist"))
        case .failed(let reason)?: found.append(.notRead(.traffic, settings.topic, reason))
        case .read(let facts)?:
            let allowed = evidence.api?.commentsAllowed
            found += TrafficJudge.findings(facts, settings, commentsAllowed: allowed, now: now)
        }
        switch evidence.url {
        case nil: break
        case .failed(let reason)?: found.append(.notRead(.url, settings.publicURL?.shown ?? "", reason))
        case .read(let facts)?: found += URLJudge.findings(facts, settings, now: now)
        }
        found += EdgeJudge.findings(evidence.edge, at: settings.operations.shown)
        if let api = evidence.api {
            found += APIJudge.findings(api, at: PublicURL(settings.apiURL)?.shown ?? "", traffic: facts)
        }
        found += NotionJudge.findings(evidence, settings)
        self.init(found)
    }
}

extension OperationsAddress {
    var shown: String {
        guard case .url(let text) = self else { return "" }
        return text
    }
}
