import Kafka
import Subscriptions
import TextOutput

package struct Evidence: Sendable {
    /// Milliseconds since 1970.
    var now: Int64
    var kafka: KafkaFacts
    /// Nil, like the rest that comes from Kafka, when the brokers cannot be reached.
    var topics: TopicsFacts?
    var snapshot = SnapshotReading.notChecked
    var traffic: Reading<TrafficFacts>?
    var recent: RecentEvents?
    var url: Reading<URLFacts>?
    var edge = EdgeFacts.notGiven
    var api: APIFacts?
    var clocks: [ClockSample] = []

    var hasPendingHandshake: Bool {
        let waits = snapshot.snapshot?.handshakes.values.contains { !$0.content.isExpired(at: now) } ?? false
        return waits || !(edge.answer?.pending.isEmpty ?? true)
    }
}

enum Reading<Facts: Sendable>: Sendable {
    case read(Facts)
    /// Why it could not be read; the end of a sentence.
    case failed(String)

    var facts: Facts? {
        guard case .read(let facts) = self else { return nil }
        return facts
    }
}

package struct DoctorReport: Sendable, Equatable, Encodable {
    /// By area, in the order in which they were found.
    package let findings: [Finding]
    package let errors: Int
    package let warnings: Int

    package init(_ findings: [Finding]) {
        self.findings = Finding.Area.allCases.flatMap { area in findings.filter { $0.area == area } }
        errors = findings.count { $0.level == .error }
        warnings = findings.count { $0.level == .warning }
    }

    package init(_ evidence: Evidence, _ settings: DoctorSettings) {
        let now = evidence.now
        var found = KafkaCheck.findings(evidence.kafka, servers: settings.client.bootstrapServers)
        if let topics = evidence.topics {
            found += TopicsCheck.findings(topics, settings)
        } else {
            found.append(.notChecked(.topics, "", because: "Kafka cannot be reached"))
        }
        let held = evidence.edge.answer?.pending ?? []
        found += TokensCheck.findings(evidence.snapshot, settings, heldByEdge: held, now: now)
        found += ClockCheck.findings(evidence.clocks, newestRecordAt: evidence.recent?.newestAt, now: now)
        let facts = evidence.traffic?.facts
        switch evidence.traffic {
        case nil where evidence.topics == nil:
            found.append(.notChecked(.traffic, "", because: "Kafka cannot be reached"))
        case nil: found.append(.notChecked(.traffic, settings.topic, because: "the topic does not exist"))
        case .failed(let reason)?: found.append(.notRead(.traffic, settings.topic, reason))
        case .read(let facts)?:
            let allowed = evidence.api?.commentsAllowed
            found += TrafficCheck.findings(facts, settings, commentsAllowed: allowed, now: now)
        }
        switch evidence.url {
        case nil: break
        case .failed(let reason)?: found.append(.notRead(.url, settings.publicURL?.shown ?? "", reason))
        case .read(let facts)?: found += URLCheck.findings(facts, settings, now: now)
        }
        found += EdgeCheck.findings(evidence.edge, at: Self.address(settings.operations))
        if let api = evidence.api {
            found += APICheck.findings(api, at: PublicURL(settings.apiURL)?.shown ?? "", traffic: facts)
        }
        found += NotionCheck.findings(evidence, settings)
        self.init(found)
    }

    private static func address(_ operations: OperationsAddress) -> String {
        guard case .url(let text) = operations else { return "" }
        return text
    }

    package var json: String { SortedJSON.text(self) }

    /// Meaning and advice follow unless it is `ok`. `clean` removes control characters, `paint` may colour a mark.
    package func lines(
        clean: (String) -> String = { $0 },
        paint: (String, Finding.Level) -> String = { text, _ in text }
    ) -> [String] {
        var lines: [String] = []
        var area: Finding.Area?
        for finding in findings {
            if finding.area != area { lines.append(finding.area.rawValue) }
            area = finding.area
            let mark = paint(Self.mark(of: finding.level), finding.level)
            let subject = finding.subject.isEmpty ? "" : "\(finding.subject): "
            lines.append("  \(mark)  \(clean(subject + finding.title))")
            guard finding.level != .ok else { continue }
            if !finding.meaning.isEmpty { lines.append("      means  \(clean(finding.meaning))") }
            if !finding.advice.isEmpty { lines.append("      do     \(clean(finding.advice))") }
            if let link = finding.link { lines.append("      see    \(link.rawValue)") }
        }
        lines.append(summary)
        return lines
    }

    private var summary: String {
        let unknown = findings.count { $0.level == .unknown }
        return "\(Words.count(errors, "error")), \(Words.count(warnings, "warning")), \(unknown) unknown, "
            + Words.count(findings.count, "finding")
    }

    private static func mark(of level: Finding.Level) -> String {
        switch level {
        case .ok: "+ ok     "
        case .warning: "! warning"
        case .error: "x error  "
        case .unknown: "? unknown"
        }
    }
}
