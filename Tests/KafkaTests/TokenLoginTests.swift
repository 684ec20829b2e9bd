import Testing

@testable import Kafka

struct TokenLoginTests {
    private static let old = LibraryVersion(number: 0x0201_01ff)
    private static let new = LibraryVersion(number: 0x0202_00ff)
    private static let bearer = ["security.protocol": "sasl_ssl", "sasl.mechanisms": "OAUTHBEARER"]
    private static let unsecured = bearer.merging(["enable.sasl.oauthbearer.unsecure.jwt": "true"]) { $1 }
    private static let oidc = bearer.merging(["sasl.oauthbearer.method": "OIDC"]) { $1 }

    private func refusal(_ options: [String: String], _ version: LibraryVersion) -> String? {
        do throws(KafkaError) {
            try TokenLogin { options[$0] }?.check(version)
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: [bearer, unsecured, bearer.merging(["sasl.mechanisms": "oauthbearer"]) { $1 }])
    func `tokens that this librdkafka cannot renew are refused before it crashes`(options: [String: String]) {
        #expect(refusal(options, Self.old)?.contains("librdkafka 2.1.1 crashes at 80 %") == true)
        #expect(refusal(options, LibraryVersion.minimum)?.contains("2.2.0 or newer is needed") == true)
    }

    @Test(arguments: [
        (unsecured, new), (oidc, old), (oidc, new), ([:], old), (["sasl.mechanisms": "OAUTHBEARER"], old),
        (["sasl.mechanisms": "OAUTHBEARER", "security.protocol": "ssl"], old),
        (["sasl.mechanisms": "SCRAM-SHA-512", "security.protocol": "sasl_ssl"], old),
    ])
    func `logins that work are let through`(options: [String: String], version: LibraryVersion) {
        #expect(refusal(options, version) == nil)
    }

    @Test func `OAUTHBEARER without a source of tokens would never log in, and is refused`() {
        #expect(refusal(Self.bearer, Self.new)?.contains("sasl.oauthbearer.method=oidc") == true)
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
