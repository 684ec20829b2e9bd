import CRdKafka
import Glibc

/// A login by OAUTHBEARER, as far as it takes more than setting options: where its tokens come from.
struct TokenLogin {
    /// Tokens come from an OpenID Connect endpoint, whose requests librdkafka makes itself.
    private let isOIDC: Bool
    /// Tokens are signed by nobody.
    private let isUnsecured: Bool

    /// Nil unless brokers are asked to log this client in by OAUTHBEARER.
    init?(_ value: (String) -> String?) {
        let usesSASL = value("security.protocol")?.lowercased().hasPrefix("sasl_") ?? false
        guard usesSASL, value("sasl.mechanisms")?.uppercased() == "OAUTHBEARER" else { return nil }
        isOIDC = value("sasl.oauthbearer.method")?.lowercased() == "oidc"
        isUnsecured = value("enable.sasl.oauthbearer.unsecure.jwt") == "true"
    }

    /// Whether this program makes the tokens.
    var makesTokens: Bool { isUnsecured && !isOIDC }

    func check() throws(KafkaError) {
        guard !isOIDC, !isUnsecured else { return }
        throw KafkaError(
            RD_KAFKA_RESP_ERR__INVALID_ARG,
            detail: "sasl.mechanisms=OAUTHBEARER has nothing to get tokens from: set sasl.oauthbearer.method=oidc, "
                + "sasl.oauthbearer.token.endpoint.url, sasl.oauthbearer.client.id and "
                + "sasl.oauthbearer.client.secret"
        )
    }

    /// Unsigned tokens are made here, since librdkafka 1.9.0 to 2.1.1 crashes at 80 % of the life of one that it has
    /// made: the queue that asks for the next does not exist then. With a callback it does.
    static func makeTokens(_ configuration: OpaquePointer) {
        rd_kafka_conf_set(configuration, "enable.sasl.oauthbearer.unsecure.jwt", "false", nil, 0)
        rd_kafka_conf_enable_sasl_queue(configuration, 1)
        rd_kafka_conf_set_oauthbearer_token_refresh_cb(configuration) { client, config, _ in
            let text = config.map { String(cString: $0) } ?? ""
            UnsecuredToken.renew(client, text, now: Int64(time(nil)) * 1000)
        }
    }
}
