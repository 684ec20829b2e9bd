import Foundation
package import Kafka

/// One real node with Kafka's own authorizer. A listener without a login is for the tests, which may do everything
/// there; users of the other listeners have the rights that `access` gives them, and none at first.
package final class SecuredKafka: Sendable {
    package enum Login: Sendable {
        case plain(user: String, password: String = SecuredKafka.password)
        /// Of a user that `addSCRAM` has made.
        case scram(user: String, password: String)
        /// The user is the certificate's subject.
        case certificate(TestCertificates.Pair, authority: String)
    }

    package static let password = "of-the-tests"
    // Limit: users with a password, `user-0` and so on; a test takes one of its own, so that tests do not meet.
    private static let userCount = 64

    package let node: KafkaNode
    package let access: AccessControl
    package let client: ClientSettings
    private let loginPort: Int
    private let tlsPort: Int

    /// With a certificate the node has a TLS listener that asks clients for theirs.
    package static func start(
        tls: (pair: TestCertificates.Pair, authority: String)? = nil,
        properties: [String: String] = [:]
    ) async throws -> SecuredKafka {
        try await SecuredKafka(tls, properties)
    }

    private init(_ tls: (pair: TestCertificates.Pair, authority: String)?, _ more: [String: String]) async throws {
        loginPort = FreePort.next()
        tlsPort = FreePort.next()
        let users = (0..<Self.userCount).map { "user_user-\($0)=\"\(Self.password)\"" }.joined(separator: " ")
        let module = "org.apache.kafka.common.security"
        var listeners = "PLAINTEXT://127.0.0.1:{port},SASL_PLAINTEXT://127.0.0.1:\(loginPort)"
        var properties = [
            "listener.security.protocol.map":
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL",
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config":
                "\(module).plain.PlainLoginModule required \(users);",
            "listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config":
                "\(module).scram.ScramLoginModule required;",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS", "allow.everyone.if.no.acl.found": "false",
        ]
        if let tls {
            listeners += ",SSL://127.0.0.1:\(tlsPort)"
            properties["ssl.keystore.type"] = "PEM"
            properties["ssl.truststore.type"] = "PEM"
            properties["ssl.keystore.certificate.chain"] = try PEMText.property(tls.pair.certificate)
            properties["ssl.keystore.key"] = try PEMText.property(tls.pair.key)
            properties["ssl.truststore.certificates"] = try PEMText.property(tls.authority)
            properties["ssl.client.auth"] = "required"
        }
        properties["listeners"] = listeners + ",CONTROLLER://127.0.0.1:{controllerPort}"
        properties["advertised.listeners"] = listeners
        node = try await KafkaNode.start(properties: properties.merging(more) { $1 })
        access = try AccessControl(bootstrapServers: node.bootstrapServers)
        client = ClientSettings(bootstrapServers: [node.bootstrapServers])
    }

    /// `--kafka` with the options of a login.
    package func arguments(_ login: Login) -> [String] {
        let (port, options) = options(login)
        return ["--kafka", "127.0.0.1:\(port)"]
            + options.flatMap { ["--kafka-option", "\($0.key)=\($0.value)"] }
    }

    private func options(_ login: Login) -> (port: Int, options: [String: String]) {
        switch login {
        case .plain(let user, let password): (loginPort, Self.sasl("PLAIN", user, password))
        case .scram(let user, let password): (loginPort, Self.sasl("SCRAM-SHA-512", user, password))
        case .certificate(let pair, let authority):
            (
                tlsPort,
                [
                    "security.protocol": "ssl", "ssl.ca.location": authority,
                    "ssl.certificate.location": pair.certificate, "ssl.key.location": pair.key,
                ]
            )
        }
    }

    private static func sasl(_ mechanism: String, _ user: String, _ password: String) -> [String: String] {
        [
            "security.protocol": "sasl_plaintext", "sasl.mechanisms": mechanism, "sasl.username": user,
            "sasl.password": password,
        ]
    }

    /// Makes a user that logs in by SCRAM, or changes its password.
    package func setSCRAM(user: String, password: String) async throws {
        _ = try await node.tool(
            "kafka.admin.ConfigCommand",
            [
                "--alter", "--entity-type", "users", "--entity-name", user, "--add-config",
                "SCRAM-SHA-512=[password=\(password)]",
            ]
        )
    }

    package func create(_ topics: [NewTopic]) async throws {
        let admin = try Admin(client)
        defer { admin.close() }
        for result in try await admin.createTopics(topics) { if let error = result.error { throw error } }
    }
}

/// A PEM file as a value in a properties file: one line.
private enum PEMText {
    static func property(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").joined(separator: "\\n")
    }
}
