import Doctor
import HTTPServer
import NotionWebhooks
import Operations
import Receiver
import Subscriptions

extension DoctorSettings {
    /// What `doctor` is told: by its own settings, and by those of the edge that it looks at.
    init(_ context: CommandContext) throws {
        let settings = context.settings
        self.init(
            client: context.client,
            topic: settings.string(.topic),
            deadLetterTopic: settings.string(.deadLetterTopic),
            subscriptionsTopic: settings.string(.subscriptionsTopic)
        )
        path = settings.string(.path)
        tokens = try VerificationToken.all(settings).map { Fingerprint($0) }
        keys = try SealingKeys(settings)
        isEnrolmentOpen =
            ReceiverSettings.Enrolment(settings, hasTokens: !tokens.isEmpty, hasSealingKey: !keys.isEmpty) == .open
        isSignatureOptional = settings.string(.signature) == "optional"
        bodyBytesMax = settings.bytes(.bodyBytesMax)
        operations = try OperationsAddress(ReceiveCommand.operationsAddress(settings))
        publicURL = settings.string(ifSet: .doctorURL).flatMap { PublicURL($0) }
        authoritiesFile = settings.string(ifSet: .doctorAuthorities)
        apiToken = try Self.apiToken(settings)
        apiURL = try Self.apiURL(settings.string(.doctorAPIURL))
        window = settings.duration(.doctorSince)
        timeout = settings.duration(.doctorTimeout)
    }

    private static func apiToken(_ settings: ResolvedSettings) throws -> APIToken? {
        let tokens = settings.secret(.doctorAPIToken)
        guard tokens.count <= 1 else { throw UsageError("--api-token-file: is one token, not \(tokens.count)") }
        return tokens.first.map { APIToken($0.revealed()) }
    }

    /// The token goes there, so it is not sent in the clear to another machine.
    private static func apiURL(_ text: String) throws -> String {
        guard let url = PublicURL(text), url.scheme == "https" || ["127.0.0.1", "::1", "localhost"].contains(url.host)
        else {
            throw UsageError("--api-url: the token is sent there, so it has to be https; http is for loopback only")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}

extension OperationsAddress {
    /// As it can be asked from this machine: one that is listened on at all addresses is asked at loopback.
    fileprivate init(_ address: ListenAddress) {
        guard !address.isUnix, address.port > 0 else {
            self = .notGiven
            return
        }
        switch address.host {
        case "0.0.0.0": self = .url("http://127.0.0.1:\(address.port)")
        case "::": self = .url("http://[::1]:\(address.port)")
        default: self = .url("http://\(address)")
        }
    }
}
