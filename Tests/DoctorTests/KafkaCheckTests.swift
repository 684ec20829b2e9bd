import Kafka
import Testing

@testable import Doctor

@Suite
struct KafkaCheckTests {
    // librdkafka's own numbers.
    private static let (transport, resolve, ssl, authentication, allDown): (Int32, Int32, Int32, Int32, Int32) =
        (-195, -193, -181, -169, -187)
    private static let (timedOut, clusterAuthorization): (Int32, Int32) = (-185, 31)

    private static func errors(_ all: [(Int32, String)]) -> [KafkaError] {
        all.map { KafkaError(code: $0.0, detail: $0.1) } + [KafkaError(code: timedOut)]
    }

    @Test(
        arguments: [
            (
                [(transport, "Connect to ipv4#127.0.0.1:9092 failed: Connection refused"), (allDown, "1/1 down")],
                "refused"
            ),
            ([(resolve, "Failed to resolve 'kafka:9092'"), (allDown, "1/1 brokers are down")], "name_unknown"),
            ([(ssl, "SSL handshake failed: certificate verify failed"), (allDown, "1/1 brokers are down")], "tls"),
            (
                [(transport, "Disconnected: verify that security.protocol is correctly configured (SSL listener?)")],
                "tls"
            ),
            ([(transport, "Disconnected"), (authentication, "SASL authentication error: invalid")], "authentication"),
            ([(clusterAuthorization, "Cluster authorization failed")], "authorization"),
            ([(transport, "Connection setup timed out in state CONNECT")], "silent"),
            ([], "silent"),
        ] as [([(Int32, String)], String)]
    )
    func `the client's errors say why no broker answers`(met: [(Int32, String)], check: String) {
        let found = KafkaCheck.findings(.unreachable(Self.errors(met)), servers: ["kafka:9092"])
        #expect(DoctorSample.troubles(found) == ["error kafka_\(check) kafka:9092"])
        DoctorSample.expectAdvice(found)
    }

    @Test(arguments: [(1, ["warning single_broker"]), (3, [])])
    func `a cluster of one broker is a warning`(brokers: Int, troubles: [String]) {
        #expect(DoctorSample.checks(KafkaCheck.findings(.reached(brokers: brokers), servers: ["k"])) == troubles)
    }

    @Test func `options that librdkafka refuses are an error of their own`() {
        let refused = KafkaFacts.refusedSettings(KafkaError(code: -186, detail: "No such configuration property"))
        #expect(DoctorSample.checks(KafkaCheck.findings(refused, servers: ["k"])) == ["error kafka_settings"])
    }
}
