import Kafka
import Subscriptions
import Testing

@testable import Doctor

/// Settings for the checks under test, and findings in short form.
enum DoctorSample {
    static let now: Int64 = 1_791_277_400_000
    static let day: Int64 = 86_400_000

    static func settings(_ change: (inout DoctorSettings) -> Void = { _ in }) -> DoctorSettings {
        var settings = DoctorSettings(
            client: ClientSettings(bootstrapServers: ["kafka:9092"]),
            topic: "events",
            deadLetterTopic: "letters",
            subscriptionsTopic: "subscriptions"
        )
        change(&settings)
        return settings
    }

    /// `error topic_missing events` for each finding that is not ok, sorted.
    static func troubles(_ findings: [Finding]) -> [String] {
        findings.filter { $0.level != .ok }
            .map { "\($0.level.rawValue) \($0.check)" + ($0.subject.isEmpty ? "" : " \($0.subject)") }
            .sorted()
    }

    /// The same without what it is about.
    static func checks(_ findings: [Finding]) -> [String] {
        findings.filter { $0.level != .ok }.map { "\($0.level.rawValue) \($0.check)" }.sorted()
    }

    /// Each finding that is not ok says what it means and what to do.
    static func expectAdvice(_ findings: [Finding]) {
        for finding in findings where finding.level != .ok {
            #expect(!finding.meaning.isEmpty && !finding.advice.isEmpty, "\(finding.check)")
            #expect(!finding.title.isEmpty && finding.check.allSatisfy { $0.isLowercase || $0 == "_" })
        }
    }
}
