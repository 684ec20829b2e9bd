import Testing

@testable import Operations

@Suite
struct HealthTests {
    @Test
    func `ready is what every condition says`() {
        let health = Health()
        let kafka = health.condition(.ready, "kafka", because: "no metadata yet")
        let stop = health.condition(.ready, "stop", because: "starting")
        #expect(health.isLive)
        #expect(health.reasons(against: .ready) == ["kafka: no metadata yet", "stop: starting"])
        kafka.meet()
        #expect(health.reasons(against: .ready) == ["stop: starting"])
        stop.meet()
        #expect(health.isReady)
        stop.hold("stopping")
        #expect(health.reasons(against: .ready) == ["stop: stopping"])
        #expect(health.isLive)
    }

    @Test
    func `what is not live is not ready`() {
        let health = Health()
        health.condition(.live, "loop", because: "does not turn").hold("does not turn")
        #expect(health.reasons(against: .live) == ["loop: does not turn"])
        #expect(!health.isReady)
    }
}
