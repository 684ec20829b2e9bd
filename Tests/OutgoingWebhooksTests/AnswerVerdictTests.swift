import HTTPClient
import Testing

@testable import OutgoingWebhooks

@Suite
struct AnswerVerdictTests {
    private static func verdict(
        _ status: Int,
        _ headers: String = "",
        _ change: (inout AnswerRules) -> Void = { _ in }
    ) -> AnswerVerdict {
        let head = Array("HTTP/1.1 \(status) X\r\n\(headers)\r\n".utf8)
        var rules = AnswerRules(now: 784_111_777)
        change(&rules)
        return AnswerVerdict(.success(ClientResponse(status: status, body: [], headerBytes: head)), rules)
    }

    /// The verdict's name, and its reason.
    private static func words(_ verdict: AnswerVerdict) -> String {
        switch verdict {
        case .done: "done"
        case .retry(_, let reason, _): "retry \(reason)"
        case .hold(_, let reason, _): "hold \(reason)"
        case .deadLetter(let reason, _): "dead \(reason)"
        }
    }

    @Test(arguments: [
        (200, "done"), (201, "done"), (202, "done"), (204, "done"), (299, "done"), (400, "dead status_400"),
        (408, "retry status_408"), (410, "dead gone"), (413, "dead status_413"), (415, "dead status_415"),
        (422, "dead status_422"), (425, "retry status_425"), (429, "hold status_429"), (500, "retry status_500"),
        (501, "retry status_501"), (502, "retry status_502"), (503, "retry status_503"), (504, "retry status_504"),
        (529, "retry status_529"), (599, "retry status_599"), (600, "retry status_600"), (101, "retry status_101"),
        (99, "retry status_99"), (0, "retry status_0"),
    ])
    func `a status has its meaning, whatever came before`(status: Int, words: String) {
        for hasSucceeded in [false, true] {
            #expect(Self.words(Self.verdict(status) { $0.hasSucceeded = hasSucceeded }) == words)
        }
    }

    @Test(arguments: [300, 301, 304, 307, 308, 401, 402, 403, 404, 405, 406, 409, 451, 499])
    func `what a wrong address or wrong credentials bring holds until the service has taken an event`(status: Int) {
        #expect(Self.words(Self.verdict(status)) == "hold status_\(status)")
        #expect(Self.words(Self.verdict(status) { $0.hasSucceeded = true }) == "retry status_\(status)")
        let isRefusal = Self.verdict(status) { $0.deadLetterStatuses = [status] }
        #expect(Self.words(isRefusal) == (status < 400 ? "hold" : "dead") + " status_\(status)")
    }

    @Test(arguments: [
        (ClientError.couldNotConnect("no route"), "hold could_not_connect"),
        (.connectionLost("reset"), "retry connection_lost"), (.timedOut, "retry timed_out"),
        (.tooLarge, "retry answer_too_large"), (.tls("expired"), "hold tls"), (.cancelled, "retry cancelled"),
        (.closed, "retry client_closed"), (.busy, "retry client_busy"), (.notHTTP("0.9"), "retry not_http"),
        (.malformedRequest("no"), "dead malformed_request"), (.other(code: 7, message: "x"), "retry other"),
    ])
    func `an error has its meaning`(error: ClientError, words: String) {
        let verdict = AnswerVerdict(.failure(error), AnswerRules(now: 0))
        #expect(Self.words(verdict) == words)
        switch verdict {
        case .retry(nil, _, error.description), .hold(nil, _, error.description), .deadLetter(_, error.description):
            break
        default: Issue.record("\(verdict)")
        }
    }

    @Test(arguments: [
        ("Retry-After: 30\r\n", Duration.seconds(30)), ("retry-after:7\r\n", .seconds(7)),
        ("Retry-After: Sun, 06 Nov 1994 08:50:00 GMT\r\n", .seconds(23)), ("Retry-After: soon\r\n", nil),
        ("Retry-After: 999999\r\n", RetryAfter.longest), ("", nil),
    ])
    func `a service that asks for time gets it`(headers: String, wait: Duration?) {
        for status in [408, 425, 500, 502] {
            guard case .retry(wait, _, _) = Self.verdict(status, headers) else {
                Issue.record("\(status): \(Self.verdict(status, headers))")
                continue
            }
        }
        let isHeld = if case .hold(wait, _, _) = Self.verdict(503, headers) { true } else { false }
        #expect(isHeld == (wait != nil))
        guard case .hold(let pause, _, _) = Self.verdict(429, headers) else {
            Issue.record("429: \(Self.verdict(429, headers))")
            return
        }
        #expect(pause == wait ?? .seconds(1))
    }

    @Test
    func `a date that asks for time does not save a refused event`() {
        #expect(Self.words(Self.verdict(422, "Retry-After: 30\r\n")) == "dead status_422")
    }

    @Test
    func `reasons are words, and messages are lines`() {
        for status in 0...999 {
            switch Self.verdict(status) {
            case .done: #expect((200...299).contains(status))
            case .retry(_, let reason, let message), .hold(_, let reason, let message),
                .deadLetter(let reason, let message):
                #expect(reason.wholeMatch(of: /[a-z0-9_]+/) != nil)
                #expect(!message.contains("\n") && message.contains("\(status)"))
            }
        }
    }

    @Test(arguments: [
        (200, LoadSign.answered), (301, .answered), (404, .answered), (408, .answered), (429, .overloaded),
        (500, .unclear), (502, .overloaded), (503, .overloaded), (504, .overloaded), (529, .unclear), (0, .unclear),
    ])
    func `a status says something of the load`(status: Int, sign: LoadSign) {
        #expect(LoadSign(.success(ClientResponse(status: status, body: []))) == sign)
    }

    @Test(arguments: [
        (ClientError.timedOut, LoadSign.overloaded), (.couldNotConnect(""), .overloaded),
        (.connectionLost(""), .overloaded), (.tls(""), .overloaded), (.cancelled, .unclear), (.closed, .unclear),
        (.busy, .unclear), (.tooLarge, .unclear), (.malformedRequest(""), .unclear),
        (.other(code: 1, message: ""), .unclear),
    ])
    func `an error says something of the load`(error: ClientError, sign: LoadSign) {
        #expect(LoadSign(.failure(error)) == sign)
    }
}
