import HTTPClient
import Kafka
import OutgoingWebhooks
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ServicePosterTests {
    /// What a poster tells.
    private final class Notices: Sendable {
        private let all = Mutex<[ServicePoster.Notice]>([])

        func add(_ notice: ServicePoster.Notice) { all.withLock { $0.append(notice) } }

        var inFlight: [Int] {
            all.withLock { $0.compactMap { if case .inFlight(let count) = $0 { count } else { nil } } }
        }

        var limits: [Int] {
            all.withLock { $0.compactMap { if case .limit(let count) = $0 { count } else { nil } } }
        }

        var statuses: [Int?] {
            all.withLock { notices in
                notices.compactMap { notice -> Int?? in
                    guard case .answered(let answer, _) = notice else { return nil }
                    return .some(try? answer.get().status)
                }
            }
        }
    }

    private static func event(_ id: String, attempt: Int = 1) -> EventRequest {
        let id = Record.Header(name: "ce_id", value: Array(id.utf8))
        return EventRequest(Record(topic: "t", headers: [id], value: Array("{}".utf8)), attempt: attempt)
    }

    private static func poster(
        _ service: ScriptedService,
        _ notices: Notices = Notices(),
        _ change: (inout ServiceSettings) -> Void = { _ in }
    ) throws -> ServicePoster {
        let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        var settings = ServiceSettings(target: try TargetURL(service.url), signer: try WebhookSigner([secret]))
        change(&settings)
        return try ServicePoster(settings, now: { 1_614_265_330_999 }, notify: { notices.add($0) })
    }

    @Test
    func `an event is posted signed, and its answer judged and told`() async throws {
        let service = try ScriptedService { $0.number == 1 ? .status(204) : .status(422) }
        let notices = Notices()
        let poster = try Self.poster(service, notices)
        defer { poster.close() }
        #expect(await poster.post(Self.event("a")) == .done)
        guard case .deadLetter("status_422", _) = await poster.post(Self.event("b", attempt: 2)) else {
            Issue.record("422 is no refusal")
            return
        }
        #expect(notices.inFlight == [1, 0, 1, 0] && notices.statuses == [204, 422])
        let seen = service.requests
        #expect(seen.map(\.id) == ["a", "b"] && seen.map { $0.headers["relay-attempt"] } == ["1", "2"])
        #expect(seen[0].headers["webhook-timestamp"] == "1614265330")
        #expect(seen[0].headers["webhook-signature"]?.hasPrefix("v1,") == true)
    }

    @Test
    func `a wrong address holds, until it has taken an event`() async throws {
        let service = try ScriptedService { $0.number == 2 ? .status(200) : .status(404) }
        let poster = try Self.poster(service)
        defer { poster.close() }
        let verdicts = [await poster.post(Self.event("a")), await poster.post(Self.event("a"))]
        guard case .hold(nil, "status_404", _) = verdicts[0], case .done = verdicts[1],
            case .retry(nil, "status_404", _) = await poster.post(Self.event("b"))
        else {
            Issue.record("\(verdicts)")
            return
        }
    }

    @Test
    func `what the service asks for in time is bounded`() async throws {
        let service = try ScriptedService { _ in .status(503, retryAfter: "900") }
        let poster = try Self.poster(service) { $0.retryAfterMax = .seconds(60) }
        defer { poster.close() }
        guard case .hold(.seconds(60), "status_503", _) = await poster.post(Self.event("a")) else {
            Issue.record("the wait is not the bound")
            return
        }
    }

    @Test
    func `an overloaded service lowers the limit, which is told`() async throws {
        let service = try ScriptedService { _ in .status(503) }
        let notices = Notices()
        let poster = try Self.poster(service, notices) { $0.requestsMax = 64 }
        defer { poster.close() }
        #expect(poster.limit == AdaptiveLimit.start)
        for _ in 0..<3 { _ = await poster.post(Self.event("a")) }
        #expect(poster.limit == 1 && notices.limits == [2, 1])
    }

    @Test
    func `what has no answer is tried again, and told as none`() async throws {
        let service = try ScriptedService { _ in .none }
        let notices = Notices()
        let poster = try Self.poster(service, notices) { $0.requestTimeout = .milliseconds(50) }
        defer { poster.close() }
        guard case .retry(nil, "timed_out", _) = await poster.post(Self.event("a")) else {
            Issue.record("silence is not a time-out")
            return
        }
        #expect(notices.statuses == [nil])
        service.stop()
        guard case .hold(nil, "could_not_connect", _) = await poster.post(Self.event("a")) else {
            Issue.record("nobody listens")
            return
        }
    }

    @Test
    func `a cancelled task takes its request back`() async throws {
        let service = try ScriptedService { _ in .none }
        let poster = try Self.poster(service)
        defer { poster.close() }
        let verdict = await withTaskGroup(of: AnswerVerdict.self) { group in
            group.addTask { await poster.post(Self.event("a")) }
            group.cancelAll()
            return await group.next()
        }
        guard case .retry(nil, "cancelled", _) = verdict else {
            Issue.record("\(String(describing: verdict))")
            return
        }
    }
}
