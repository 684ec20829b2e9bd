import Synchronization
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

    @Test
    func `each change of readiness is logged once, a common reason once for all who have it`() {
        let lines = Mutex<[String]>([])
        let log = Log(
            level: .info,
            format: .text,
            sink: { line in lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } },
            now: { 0 }
        )
        let health = Health(log: log)
        let first = health.condition(.ready, "a", because: "starting")
        let second = health.condition(.ready, "b", because: "starting")
        first.meet()
        second.hold("starting")
        second.meet()
        second.meet()
        first.hold("no topic")
        second.hold("no topic")
        first.hold("no topic")
        first.meet()
        second.meet()
        let told = lines.withLock { $0 }.map { $0.dropFirst(25).dropLast() }
        #expect(told == ["info ready", "warning not_ready reason=\"no topic\"", "info ready"])
    }
}
