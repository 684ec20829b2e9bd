import CRdKafka

/// A login by OAUTHBEARER, as far as it takes more than setting options: whether this librdkafka can renew its tokens.
struct TokenLogin {
    /// Tokens come from an OpenID Connect endpoint, whose requests librdkafka makes itself.
    private let isOIDC: Bool
    /// Tokens are made by librdkafka and signed by nobody.
    private let isUnsecured: Bool

    // Limit: from 1.9.0 on the queue that asks for a new token does not exist where librdkafka makes the tokens, and
    // the client crashes; 2.2.0 has it.
    private static let renewingVersion = LibraryVersion(number: 0x0202_00ff)

    /// Nil unless brokers are asked to log this client in by OAUTHBEARER.
    init?(_ value: (String) -> String?) {
        let usesSASL = value("security.protocol")?.lowercased().hasPrefix("sasl_") ?? false
        guard usesSASL, value("sasl.mechanisms")?.uppercased() == "OAUTHBEARER" else { return nil }
        isOIDC = value("sasl.oauthbearer.method")?.lowercased() == "oidc"
        isUnsecured = value("enable.sasl.oauthbearer.unsecure.jwt") == "true"
    }

    /// Whether the program has to let librdkafka's callbacks run that make new tokens.
    var needsCallbacks: Bool { isUnsecured && !isOIDC }

    func check(_ version: LibraryVersion = .current) throws(KafkaError) {
        guard !isOIDC else { return }
        guard version >= Self.renewingVersion else {
            throw KafkaError(
                RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
                detail: "sasl.mechanisms=OAUTHBEARER: librdkafka \(version) crashes at 80 % of a token's life, when it "
                    + "asks for the next one; \(Self.renewingVersion) or newer is needed, or another mechanism"
            )
        }
        guard isUnsecured else {
            throw KafkaError(
                RD_KAFKA_RESP_ERR__INVALID_ARG,
                detail: "sasl.mechanisms=OAUTHBEARER has nothing to get tokens from: set sasl.oauthbearer.method=oidc, "
                    + "sasl.oauthbearer.token.endpoint.url, sasl.oauthbearer.client.id and "
                    + "sasl.oauthbearer.client.secret"
            )
        }
    }
}
