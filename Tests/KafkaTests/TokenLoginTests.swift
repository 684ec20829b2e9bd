import Testing

@testable import Kafka

struct TokenLoginTests {
    private static let bearer = ["security.protocol": "sasl_ssl", "sasl.mechanisms": "OAUTHBEARER"]
    private static let unsecured = bearer.merging(["enable.sasl.oauthbearer.unsecure.jwt": "true"]) { $1 }
    private static let oidc = bearer.merging(["sasl.oauthbearer.method": "OIDC"]) { $1 }

    private func refusal(_ options: [String: String]) -> String? {
        do throws(KafkaError) {
            try TokenLogin { options[$0] }?.check()
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        unsecured, oidc, [:], ["sasl.mechanisms": "OAUTHBEARER"],
        ["sasl.mechanisms": "OAUTHBEARER", "security.protocol": "ssl"],
        ["sasl.mechanisms": "SCRAM-SHA-512", "security.protocol": "sasl_ssl"],
    ])
    func `logins that work are let through`(options: [String: String]) {
        #expect(refusal(options) == nil)
    }

    @Test(arguments: [bearer, bearer.merging(["sasl.mechanisms": "oauthbearer"]) { $1 }])
    func `OAUTHBEARER without a source of tokens would never log in, and is refused`(options: [String: String]) {
        #expect(refusal(options)?.contains("sasl.oauthbearer.method=oidc") == true)
    }

    @Test(arguments: ["sasl.mechanism", "sasl.mechanisms"])
    func `every client is checked, whichever name of the option is used`(name: String) throws {
        let extra = ["security.protocol": "SASL_PLAINTEXT", name: "OAUTHBEARER"]
        let client = ClientSettings(bootstrapServers: ["127.0.0.1:1"], extra: extra)
        let admin = #expect(throws: KafkaError.self) { try Admin(client).close() }
        let checked = #expect(throws: KafkaError.self) { try client.check() }
        #expect(admin == checked && admin?.isAboutSettings == true)
        #expect(admin?.message.hasPrefix("sasl.mechanisms=OAUTHBEARER") == true)
    }
}

struct UnsecuredTokenTests {
    private func made(_ config: String) -> UnsecuredToken? { try? UnsecuredToken(config, now: 1_000_000) }

    @Test func `a token holds principal, life and scope, and is signed by nobody`() throws {
        let token = try #require(made("principal=relay lifeSeconds=60 scope=a,b"))
        #expect(token.principal == "relay" && token.endsAtMilliseconds == 1_060_000)
        // {"alg":"none"} . {"sub":"relay","iat":1000,"exp":1060,"scope":["a","b"]} .
        let claims = "eyJzdWIiOiJyZWxheSIsImlhdCI6MTAwMCwiZXhwIjoxMDYwLCJzY29wZSI6WyJhIiwiYiJdfQ"
        #expect(token.value == "eyJhbGciOiJub25lIn0.\(claims).")
    }

    @Test(arguments: [
        "", "lifeSeconds=60", "principal=a lifeSeconds=0", "principal=a lifeSeconds=x", "principal=a\"b",
        "principal=a\\b",
        "principal", "principal=a extension_x=1", "principal=a other=1",
    ])
    func `what makes no token is refused`(config: String) { #expect(made(config) == nil) }
}
