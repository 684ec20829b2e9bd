import Foundation
import HTTPServer
import TestSupport
import Testing

/// Whatever the moment: what the handler got is answered in whole, and what has no answer was never handled, so that
/// its sender may send it again.
struct DrainPropertyTests {
    /// `make soak` drains more often.
    private static let isSoak = ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_SOAK"] == "1"
    private static let rounds = isSoak ? 400 : 12

    @Test func `at a random moment no request that was handled goes without its answer`() throws {
        var generator = SeededGenerator()
        for round in 1...Self.rounds {
            let comment: Comment = "\(generator), round \(round)"
            try Self.drain(using: &generator, comment)
        }
    }

    private static func drain(using generator: inout SeededGenerator, _ comment: Comment) throws {
        let record = DrainRecord()
        let handlerSeed = generator.next()
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let loops = Int.random(in: 1...2, using: &generator)
        let server = Server(address: address, loops: loops, limits: Limits()) { loop in
            DelayingHandler(loop: loop, record: record, seed: handlerSeed)
        }
        try server.start()
        let port = server.port
        // One that posts for certain, so that the moment comes.
        let manners = [.steady] + (0..<8).map { _ in DrainedClient.Manner.allCases.randomElement(using: &generator) }
        let clients = manners.enumerated().map { index, manner in
            let seed = generator.next()
            return Background { () -> Bool in
                var client = DrainedClient(
                    name: "\(manner ?? .steady)-\(index)",
                    manner: manner ?? .steady,
                    port: port,
                    record: record,
                    seed: seed
                )
                client.run()
                return true
            }
        }
        let moment = Int.random(in: 0...200, using: &generator)
        #expect(record.wait(handled: moment), comment)
        record.note { $0.isDraining = true }
        let drained = server.drain(within: .seconds(10))
        record.note { $0.hasEnded = true }
        #expect(drained, comment)
        for client in clients { #expect(client.value) }
        #expect(server.counts.connectionsOpen == 0 && server.counts.requestsPending == 0, comment)
        check(record.now, comment)
    }

    /// The model: each request is handled at most once, exactly those that were handled are answered, and those of
    /// which a byte was read before the stop are among them.
    private static func check(_ state: DrainRecord.State, _ comment: Comment) {
        #expect(state.abandoned == 0 && state.expired == 0, comment)
        #expect(state.refusals.allSatisfy { $0 == "truncated" }, comment)
        for (name, times) in state.handled {
            #expect(times == 1, "\(name), \(comment)")
            #expect(state.outcomes[name] == .answered, "\(name), \(comment)")
        }
        for name in state.begun {
            #expect(state.handled[name] == 1, "\(name) was begun, \(comment)")
        }
        for (name, outcome) in state.outcomes where state.handled[name] == nil {
            switch outcome {
            case .unanswered: break
            case .refused(let status): #expect(status == 400 && name.hasPrefix("breakingOff"), "\(name), \(comment)")
            case .answered, .wrong: Issue.record("\(name) was not handled, but \(outcome), \(comment)")
            }
        }
    }
}
