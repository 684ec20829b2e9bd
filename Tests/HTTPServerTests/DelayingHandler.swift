import HTTPServer
import TestSupport

/// Answers at once, or at one of the next ticks of its loop's timer. The request's path is the number of bytes behind
/// the answer's first line, which says the request's name and whether the loop was draining.
final class DelayingHandler: ExchangeHandler {
    private let loop: EventLoop
    private let record: DrainRecord
    /// Of the loop's ticks in the record.
    private let index: Int
    private var generator: SeededGenerator
    private var waiting: [(exchange: Exchange, name: String, bytes: Int)] = []
    private let ok = ResponseHead(status: 200, fields: [("Content-Type", "text/plain")])

    init(loop: EventLoop, record: DrainRecord, seed: UInt64) {
        self.loop = loop
        self.record = record
        generator = SeededGenerator(seed: seed)
        var index = 0
        record.note { state in
            index = state.ticks.count
            state.ticks.append(0)
        }
        self.index = index
        loop.every(milliseconds: 1) { [unowned self] in tick() }
    }

    func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision { .read(bodyBytesMax: 1_000) }

    func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let name = request.body.text
        let bytes = Int(request.head.path.text.dropFirst()) ?? 0
        record.note { $0.handled[name, default: 0] += 1 }
        if Int.random(in: 0..<3, using: &generator) == 0 {
            answer(exchange, name, bytes)
        } else {
            waiting.append((exchange, name, bytes))
        }
    }

    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) {
        record.note { $0.expired += 1 }
        return (ResponseHead(status: 503), [])
    }

    func abandoned(_ exchange: Exchange) {
        record.note { $0.abandoned += 1 }
    }

    func refused(
        _ refusal: Refusal,
        from client: ClientAddress,
        because reason: String?
    ) -> (ResponseHead, [UInt8]) {
        record.note { $0.refusals.append(refusal.rawValue) }
        return refusal.answer
    }

    func ended() {
        record.note { $0.ticks[index] = DrainRecord.gone }
    }

    private func tick() {
        record.note { $0.ticks[index] += 1 }
        let mayGo = waiting
        waiting = []
        for entry in mayGo.shuffled(using: &generator) {
            if Int.random(in: 0..<3, using: &generator) == 0 {
                answer(entry.exchange, entry.name, entry.bytes)
            } else {
                waiting.append(entry)
            }
        }
    }

    private func answer(_ exchange: Exchange, _ name: String, _ bytes: Int) {
        let line = "\(name) \(loop.isDraining ? "draining" : "serving")\n"
        let body = Array(line.utf8) + [UInt8](repeating: 0x78, count: bytes)
        loop.respond(exchange, ok, body: body.span)
    }
}
