import TestSupport
import Testing

@testable import OrderedConsumer

/// ``LanesStateMachine`` beside a model of plain lists: random records, verdicts, failures, rebalances and redrives.
@Suite
struct LanesModelTests {
    static let shapes = [
        LanesShape("as it is set up"),
        LanesShape("one key", keys: 1),
        LanesShape("many keys", keys: 30),
        LanesShape("coalescing") { $0.isCoalescing = true },
        LanesShape("coalescing two at a time", keys: 2) {
            $0.isCoalescing = true
            $0.coalescedMax = 2
        },
        LanesShape("going on after dead letters") { $0.afterDeadLetter = .continue },
        LanesShape("a reorder window", keys: 3) { $0.reorderWindow = .milliseconds(300) },
        LanesShape("a reorder window and coalescing", keys: 3) {
            $0.reorderWindow = .milliseconds(300)
            $0.isCoalescing = true
        },
        LanesShape("a reorder window, going on", keys: 3) {
            $0.reorderWindow = .milliseconds(300)
            $0.afterDeadLetter = .continue
        },
        // With room for all records: where those of refused keys fill it, nothing redriven can be read any more.
        LanesShape("few parked keys", keys: 8) {
            $0.parkedKeysMax = 3
            $0.recordsMax = 10_000
        },
        LanesShape("no deadline, little room", keys: 8) {
            $0.handlerDeadline = nil
            $0.recordsMax = 12
            $0.aheadMax = 20
        },
        LanesShape("passing over replays") { $0.skipsReplays = true },
        LanesShape("one attempt") { $0.retry.attemptsMax = 1 },
    ]

    @Test(arguments: shapes)
    func `lanes do what plain lists would do`(shape: LanesShape) {
        var seeds = SeededGenerator()
        for _ in 0..<3 {
            let generator = SeededGenerator(seed: seeds.next())
            let run = LanesRun(shape, generator)
            var count = 0
            do throws(LanesViolation) {
                while count < 600 {
                    count += 1
                    try run.step()
                }
                try run.finish()
            } catch {
                Issue.record("\(seeds), run \(generator.seed), step \(count): \(error)")
            }
        }
    }
}
