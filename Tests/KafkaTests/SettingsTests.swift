import Testing

@testable import Kafka

@Suite struct SettingsTests {
    private func refusal(_ extra: [String: String]) -> KafkaError? {
        let client = ClientSettings(bootstrapServers: ["127.0.0.1:1"], extra: extra)
        do throws(KafkaError) {
            let producer = try Producer(ProducerSettings(client: client, compression: "lz4"))
            producer.close()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "linger.ms", "queue.buffering.max.ms", "message.timeout.ms", "delivery.timeout.ms", "bootstrap.servers",
        "metadata.broker.list", "acks", "request.required.acks", "enable.idempotence", "partitioner", "client.id",
        "compression.type", "compression.codec", "statistics.interval.ms", "log.queue", "reconnect.backoff.max.ms",
    ])
    func `an option that is set in two places is refused by its name`(_ name: String) throws {
        let error = try #require(refusal([name: "1"]))
        #expect(error.name == "_CONFLICT" && error.message.hasPrefix(name))
    }

    @Test(arguments: [
        ("no.such.option", "1", "no.such.option"), ("socket.timeout.ms", "soon", "soon"),
        ("security.protocol", "carrier_pigeon", "carrier_pigeon"), ("batch.num.messages", "-1", "-1"),
    ])
    func `an unknown option or a bad value is refused in librdkafka's words`(
        _ name: String,
        _ value: String,
        _ text: String
    ) throws {
        let error = try #require(refusal([name: value]))
        #expect(error.name == "_INVALID_ARG" && error.message.contains(text) && error.message.contains(name))
    }

    @Test func `a refused secret is not repeated`() throws {
        let error = try #require(refusal(["sasl.oauthbearer.method": "hunter2"]))
        #expect(error.message.contains("sasl.oauthbearer.method") && !"\(error)".contains("hunter2"))
    }

    /// Which one is unsupported depends on how librdkafka was built; Debian's has no OpenID Connect.
    @Test(arguments: [
        (
            "Configuration property \"sasl.oauthbearer.method\" not supported in this build: no libcurl", "oidc",
            "Configuration property \"sasl.oauthbearer.method\" not supported in this build: no libcurl"
        ),
        ("Invalid value \"hunter2\" for configuration property \"n\"", "hunter2", "Invalid value (value redacted) for"),
        ("Value hunter2 is bad", "hunter2", "invalid value for configuration property \"n\" (value redacted)"),
        ("\"s\" is not supported", "s", "(value redacted) is not supported"),
        (String(repeating: "x", count: 511), "hunter2", "invalid value for configuration property"),
    ])
    func `a sentence about a secret option is kept, and the value in it is not`(
        sentence: String,
        value: String,
        start: String
    ) {
        let message = SecretOption.redacted(value, of: "n", in: sentence, bytesMax: 511)
        #expect(message.hasPrefix(start))
        #expect(value.count < 4 || value == "oidc" || !message.contains(value))
    }

    @Test func `checking options connects to nothing and finds what making a client does`() {
        for extra in [["no.such.option": "1"], ["client.id": "1"], ["socket.timeout.ms": "soon"]] {
            let client = ClientSettings(bootstrapServers: [], extra: extra)
            let error = #expect(throws: KafkaError.self) { try client.check() }
            #expect(error?.isAboutSettings == true && error?.message.contains(extra.keys.first ?? "") == true)
        }
        #expect(throws: Never.self) { try ClientSettings(bootstrapServers: []).check() }
    }

    @Test func `settings that contradict each other are refused when the client is made`() throws {
        let error = try #require(refusal(["max.in.flight.requests.per.connection": "100"]))
        #expect(error.message.contains("max.in.flight"))
    }

    @Test func `other options pass through`() {
        #expect(refusal(["socket.timeout.ms": "10000", "batch.num.messages": "500"]) == nil)
    }

    /// Of librdkafka's CONFIGURATION.md, and of what else may be passed through.
    @Test(arguments: [
        "sasl.password", "ssl.key.password", "ssl.key.pem", "ssl_key", "ssl.certificate.pem", "ssl.ca.pem",
        "https.ca.pem", "ssl.keystore.password", "ssl_engine_callback_data", "sasl.kerberos.kinit.cmd",
        "sasl.oauthbearer.config", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.extensions",
        "sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.token.endpoint.url",
        "sasl.oauthbearer.assertion.private.key.passphrase", "sasl.oauthbearer.assertion.private.key.pem",
        "sasl.jaas.config", "confluent.monitoring.interceptor.sasl.password", "ssl.truststore.password",
    ])
    func `an option that can carry a secret is known by its name`(_ name: String) {
        #expect(SecretOption.isSecret(name, "x"))
        let settings = ClientSettings(bootstrapServers: ["a:1"], extra: [name: "hunter2"])
        #expect(!"\(settings)".contains("hunter2"))
        let error = refusal([name: "hunter2"])
        #expect(error?.message.contains("hunter2") != true)
    }

    @Test(arguments: [
        ("sasl.username", "harbour"), ("ssl.key.location", "/run/key.pem"), ("security.protocol", "sasl_ssl"),
        ("sasl.oauthbearer.assertion.private.key.file", "/run/key.pem"), ("sasl.oauthbearer.client.id", "relay"),
        ("ssl.keystore.location", "/run/store.p12"), ("sasl.oauthbearer.method", "oidc"), ("debug", "security"),
        ("sasl.kerberos.keytab", "/run/keytab"), ("ssl.ca.location", "/run/ca.pem"),
    ])
    func `what is no secret is shown, until a secret stands in it`(_ name: String, _ value: String) {
        #expect(!SecretOption.isSecret(name, value))
        for secret in ["http://user:hunter2@host/", "https://host/?key=hunter2", "-----BEGIN PRIVATE KEY-----"] {
            #expect(SecretOption.isSecret(name, secret))
        }
    }

    @Test func `printing settings shows no secret`() {
        let secrets = ["sasl.password", "ssl.key.password", "sasl.oauthbearer.client.secret", "ssl.key.pem"]
        let extra = Dictionary(uniqueKeysWithValues: secrets.map { ($0, "hunter2") })
        var settings = ClientSettings(bootstrapServers: ["a:1", "b:2"], extra: extra)
        settings.extra["sasl.username"] = "harbour"
        let producer = ProducerSettings(client: settings)
        var dumped = ""
        dump(producer, to: &dumped)
        let texts = ["\(settings)", String(reflecting: settings), "\(producer)", String(reflecting: producer), dumped]
        for text in texts {
            #expect(!text.contains("hunter2") && text.contains("harbour") && text.contains("a:1,b:2"))
        }
    }

    @Test(
        arguments: [
            (UInt32(0x0200_02ff), nil), (0x020e_01ff, nil),
            (0x0109_02ff, "librdkafka 1.9.2 is loaded, 2.0.2 or newer is needed"),
        ] as [(UInt32, String?)]
    )
    func `a library that is too old is refused in a sentence`(_ number: UInt32, _ message: String?) {
        do throws(KafkaError) {
            try LibraryVersion.check(LibraryVersion(number: number))
            #expect(message == nil)
        } catch {
            #expect(error.message == message)
        }
    }

    @Test(arguments: [
        (Duration.zero, Int32(0)), (.nanoseconds(1), 1), (.milliseconds(1500), 1500), (.seconds(-1), 0),
        (.microseconds(1001), 2), (.seconds(1_000_000_000), 2_000_000_000),
    ])
    func `deadlines are whole milliseconds, rounded up`(_ duration: Duration, _ expected: Int32) {
        #expect(duration.clampedMilliseconds == expected)
    }
}
