import Doctor
import Foundation
import HTTPServer
import NotionWebhooks
import Operations
import RecordOutput
import Subscriptions
import TextOutput
import Timestamps

/// `doctor`: checks every part that events pass through, and reports what is wrong and how to fix it.
struct DoctorCommand {
    let context: CommandContext

    /// Fails when there is an error among the findings.
    func run() async throws -> ExitStatus {
        let settings = try DoctorSettings(context)
        let status = StatusLine(every: .milliseconds(100))
        let evidence = await Examination(settings, now: Timestamp.now).evidence { doing in
            if status.isShown { status.show { ["doctor: \(doing)"] } }
        }
        status.clear()
        let report = DoctorReport(evidence, settings)
        let colors = TerminalColors(ofOutput: .auto)
        StandardStreams.show(
            isJSON: context.settings[\.doctor.format] == .json,
            report.json,
            report.lines(
                // Nothing is cut: a finding is read as a whole.
                clean: PlainText.word,
                paint: { mark, level in colors.paint(mark, Self.color(of: level)) }
            ),
            hasColors: true
        )
        return report.errors == 0 ? .success : .failure
    }

    private static func color(of level: Finding.Level) -> TerminalColors.Color {
        switch level {
        case .ok: .green
        case .warning: .yellow
        case .error: .red
        case .unknown: .cyan
        }
    }
}

extension DoctorSettings {
    init(_ context: CommandContext) throws {
        let settings = context.settings
        self.init(
            client: context.client,
            topic: settings[\.topic],
            deadLetterTopic: settings[\.deadLetterTopic],
            subscriptionsTopic: settings[\.edge.subscriptionsTopic]
        )
        path = settings[\.edge.path]
        tokens = try settings.verificationTokens().map { Fingerprint($0) }
        keys = try settings.sealingKeys()
        isEnrolmentOpen = settings.enrolment(hasTokens: !tokens.isEmpty, hasSealingKey: !keys.isEmpty) == .open
        isSignatureOptional = settings[\.edge.signature] == .optional
        bodyBytesMax = settings[\.limits.bodyBytesMax]
        operations = OperationsAddress(settings[\.edge.operations])
        publicURL = settings[\.doctor.url].flatMap { PublicURL($0) }
        authoritiesFile = settings[\.doctor.authorities]
        apiToken = try Self.apiToken(settings)
        apiURL = try Self.apiURL(settings[\.doctor.apiURL])
        window = settings[\.doctor.since]
        timeout = settings[\.doctor.timeout]
    }

    private static func apiToken(_ settings: ResolvedSettings) throws -> APIToken? {
        let tokens = settings[\.doctor.apiToken]
        guard tokens.count <= 1 else { throw UsageError("--api-token-file: is one token, not \(tokens.count)") }
        return tokens.first.map { APIToken($0.revealed()) }
    }

    /// The token is sent there: never unencrypted to another machine.
    private static func apiURL(_ text: String) throws -> String {
        guard let url = PublicURL(text), url.scheme == "https" || ["127.0.0.1", "::1", "localhost"].contains(url.host)
        else {
            throw UsageError("--api-url: the token is sent there, so it has to be https; http is for loopback only")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}

extension OperationsAddress {
    /// As this machine reaches it: a listener on all addresses is reached at loopback.
    fileprivate init(_ address: ListenAddress) {
        self =
            switch address.host {
            case _ where address.isUnix || address.port == 0: .notGiven
            case "0.0.0.0": .url("http://127.0.0.1:\(address.port)")
            case "::": .url("http://[::1]:\(address.port)")
            default: .url("http://\(address)")
            }
    }
}
