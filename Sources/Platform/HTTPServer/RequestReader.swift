import HTTPFraming

/// Reads the requests of one connection, one after the other. It holds an intake only while there are bytes.
struct RequestReader {
    private enum Stage {
        case head
        case body
        /// Throwing away the body of a request that was answered without it.
        case discarding
    }

    enum Event {
        /// A head is complete; `beginBody` or `skipBody` follows.
        case head(Intake)
        /// A request is complete; `finishRequest` follows.
        case request(Intake)
        /// The body that was thrown away has ended.
        case discarded
        case refused(Refusal)
        /// Nothing more until the client sends.
        case waits
        /// There is more, but the turn's budget is used up.
        case spent
        /// The client sends no more.
        case ended
        case failed
    }

    /// What one connection may do in one turn; one that has more to do waits until the others had theirs.
    struct Budget {
        // Limit: reads of one connection in one turn.
        fileprivate var reads = 16
        // Limit: pipelined requests of one connection in one turn.
        fileprivate var parses = 32
    }

    enum BodyStart {
        case complete
        case incomplete
        /// The client sends its body when it is told to.
        case awaitsContinue
    }

    private let intakes: IntakePool
    private var stage = Stage.head
    private var intake: Intake?
    /// Bytes were received that the parser has not seen.
    private(set) var hasUnseen = false
    private var bodyBytesMax = 0
    /// What is still to be thrown away of a refused request's body.
    private var discardBytes = 0
    /// Bytes thrown away after the last answer.
    private var lingerBytes = 0
    /// The client had a request served that only a known sender can make.
    var isProven = false

    init(_ intakes: IntakePool) { self.intakes = intakes }

    var isEmpty: Bool { intake?.isEmpty ?? true }
    var isAtHead: Bool { stage == .head }
    var isDiscarding: Bool { stage == .discarding }

    /// Reads and parses until there is something to do.
    mutating func next(from transport: inout Transport, _ budget: inout Budget) -> Event {
        while true {
            if hasUnseen {
                guard budget.parses > 0 else { return .spent }
                budget.parses -= 1
                if let event = parse() { return event }
            } else if transport.isReadable {
                guard budget.reads > 0 else { return .spent }
                budget.reads -= 1
                if let event = receive(from: &transport) { return event }
            } else {
                return .waits
            }
        }
    }

    private mutating func receive(from transport: inout Transport) -> Event? {
        let intake = takeIntake()
        guard intake.makeRoom(requestBytes: wantedBytes(intake), isProven: isProven) else {
            return .refused(.bodiesOverBudget)
        }
        switch transport.receive(into: intake) {
        case .bytes(0):
            // Between two requests this is the usual end.
            return stage == .discarding || isEmpty ? .ended : .refused(.truncated)
        case .bytes(let count):
            intakes.counters.bytesIn.add(count)
            hasUnseen = true
            return nil
        case .wouldBlock:
            giveBackIfEmpty()
            return nil
        case .failed: return .failed
        }
    }

    /// Reads and throws away, after the last answer. False when the client has closed, or has sent too much.
    mutating func discardAll(from transport: inout Transport) -> Bool {
        let intake = takeIntake()
        defer { dropAll() }
        while transport.isReadable {
            switch transport.receive(into: intake) {
            case .bytes(let count) where count > 0 && lingerBytes < intakes.limits.lingerBytesMax:
                lingerBytes += count
                intake.dropAll()
            case .wouldBlock: break
            case .bytes, .failed: return false
            }
        }
        return true
    }

    /// How many bytes the intake has to hold for the request that is being read.
    private func wantedBytes(_ intake: Intake) -> Int {
        switch stage {
        case .body where intake.parser.isChunked:
            // Limit: the decoded body plus room for the framing between two reads.
            intake.parser.headEnd + bodyBytesMax + 4096
        case .body: intake.parser.headEnd + intake.parser.declaredBytes
        case .head, .discarding: intakes.limits.headBytesMax
        }
    }

    private mutating func parse() -> Event? {
        guard let intake else {
            hasUnseen = false
            return nil
        }
        guard stage != .discarding else { return discard(intake) }
        switch stage == .head ? intake.parseHead() : intake.parseBody() {
        case .needMore:
            hasUnseen = false
            return nil
        case .refused(let refusal): return .refused(refusal)
        case .done: return stage == .head ? .head(intake) : .request(intake)
        }
    }

    private mutating func discard(_ intake: Intake) -> Event? {
        let count = min(discardBytes, intake.count)
        intake.drop(count)
        discardBytes -= count
        hasUnseen = !intake.isEmpty
        giveBackIfEmpty()
        return discardBytes == 0 ? .discarded : nil
    }

    /// The head was taken, and its body is wanted.
    mutating func beginBody(_ intake: Intake, bytesMax: Int) throws(Refusal) -> BodyStart {
        try intake.parser.beginBody(bytesMax: bytesMax)
        stage = .body
        bodyBytesMax = bytesMax
        if !intake.parser.isChunked, intake.count >= intake.parser.requestEnd { return .complete }
        // A chunked body may be small; it is told when it is not.
        guard intake.parser.isChunked || intake.mayHold(wantedBytes(intake), isProven: isProven) else {
            throw .bodiesOverBudget
        }
        guard intake.parser.expectsContinue, intake.count == intake.parser.headEnd else { return .incomplete }
        hasUnseen = false
        return .awaitsContinue
    }

    /// The head was answered, and its body is thrown away. False when the connection is to be closed instead.
    mutating func skipBody(_ intake: Intake) -> Bool {
        let declared = intake.parser.declaredBytes
        let isHere = intake.count >= intake.parser.headEnd + declared
        let isWorthReading =
            !intake.parser.isChunked && declared <= intakes.limits.discardBytesMax
            && (declared == 0 || !intake.parser.expectsContinue || isHere)
        discardBytes = isWorthReading ? declared : 0
        drop(intake.parser.headEnd, of: intake)
        return isWorthReading
    }

    /// The request's bytes are done with. What follows them stays for the next one.
    mutating func finishRequest(_ intake: Intake) { drop(intake.parser.requestEnd, of: intake) }

    /// What is left belongs to the next request. An empty intake is given back, which resets its parser.
    private mutating func drop(_ count: Int, of intake: Intake) {
        intake.drop(count)
        hasUnseen = !intake.isEmpty
        if hasUnseen {
            intake.parser.reset()
        } else {
            giveBackIfEmpty()
        }
    }

    /// The answer has left. False when a body is still to be thrown away before the next request.
    mutating func beginNextRequest() -> Bool {
        guard discardBytes == 0 else {
            stage = .discarding
            return false
        }
        stage = .head
        bodyBytesMax = 0
        return true
    }

    mutating func dropAll() {
        hasUnseen = false
        guard let intake else { return }
        intake.dropAll()
        giveBackIfEmpty()
    }

    /// Another client: what is left of the last one is gone.
    mutating func reset() {
        dropAll()
        stage = .head
        bodyBytesMax = 0
        discardBytes = 0
        lingerBytes = 0
        isProven = false
    }

    private mutating func takeIntake() -> Intake {
        if let intake { return intake }
        let intake = intakes.take()
        self.intake = intake
        return intake
    }

    private mutating func giveBackIfEmpty() {
        guard let intake, intake.isEmpty else { return }
        self.intake = nil
        intakes.giveBack(intake)
    }
}
