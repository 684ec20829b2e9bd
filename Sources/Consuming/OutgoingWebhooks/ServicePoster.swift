package import HTTPClient
import Synchronization

/// Posts events to one service, each as a signed request, and learns from the answers how many the service can take at
/// once. It does not enforce ``limit`` itself: its owner does, and is told of every change.
package final class ServicePoster: Sendable {
    package enum Notice: Sendable {
        /// How many requests are under way now. In order, one after the other, under a lock: do little.
        case inFlight(Int)
        case answered(Result<ClientResponse, ClientError>, took: Duration)
        case limit(Int)
    }

    private struct Load {
        var limit: AdaptiveLimit
        var inFlight = 0
        var hasSucceeded = false
    }

    private let settings: ServiceSettings
    private let client: Client
    private let now: @Sendable () -> Int64
    private let notify: @Sendable (Notice) -> Void
    private let load: Mutex<Load>

    package init(
        _ settings: ServiceSettings,
        now: @escaping @Sendable () -> Int64,
        notify: @escaping @Sendable (Notice) -> Void = { _ in }
    ) throws(ClientError) {
        self.settings = settings
        self.now = now
        self.notify = notify
        load = Mutex(Load(limit: AdaptiveLimit(ceiling: settings.requestsMax)))
        client = try Client(
            ClientSettings(
                requestsMax: settings.requestsMax * 2,
                sharedConnectionsMax: settings.requestsMax,
                connectionLifeMax: settings.connectionLifeMax,
                authoritiesFile: settings.authoritiesFile
            )
        )
    }

    package var limit: Int { load.withLock { $0.limit.limit } }

    /// One attempt. Cancelling the task aborts the request.
    package func post(_ event: EventRequest) async -> AnswerVerdict {
        let request = event.clientRequest(
            to: settings.target,
            signer: settings.signer,
            secondsSince1970: now() / 1000,
            timeout: settings.requestTimeout
        )
        let (answer, hasSucceeded) = await send(request)
        var rules = AnswerRules(now: now() / 1000)
        rules.waitMax = settings.retryAfterMax
        rules.deadLetterStatuses = settings.deadLetterStatuses
        rules.hasSucceeded = hasSucceeded
        return AnswerVerdict(answer, rules)
    }

    /// The answer, and whether there was a 2xx by then.
    private func send(_ request: ClientRequest) async -> (Result<ClientResponse, ClientError>, Bool) {
        load.withLock { load in
            load.inFlight += 1
            notify(.inFlight(load.inFlight))
        }
        let clock = ContinuousClock()
        let start = clock.now
        let answer: Result<ClientResponse, ClientError>
        do throws(ClientError) {
            answer = .success(try await client.send(request))
        } catch {
            answer = .failure(error)
        }
        let end = clock.now
        notify(.answered(answer, took: end - start))
        let sign = LoadSign(answer)
        let (before, after, hasSucceeded) = load.withLock { load in
            let before = load.limit.limit
            load.limit.note(sign, startedAt: start, finishedAt: end, inFlight: load.inFlight)
            load.inFlight -= 1
            if case .success(let response) = answer, (200...299).contains(response.status) { load.hasSucceeded = true }
            notify(.inFlight(load.inFlight))
            return (before, load.limit.limit, load.hasSucceeded)
        }
        if before != after { notify(.limit(after)) }
        return (answer, hasSucceeded)
    }

    /// Requests under way fail. Blocks for some milliseconds.
    package func close() { client.close() }
}

package struct ServiceSettings: Sendable {
    package var target: TargetURL
    /// Nil sends requests unsigned.
    package var signer: WebhookSigner?
    /// From the start of a request to the last byte of its answer.
    package var requestTimeout = Duration.seconds(15)
    package var requestsMax = 100
    package var retryAfterMax = RetryAfter.longest
    package var deadLetterStatuses = AnswerRules.refusals
    /// How long a connection is used.
    package var connectionLifeMax = Duration.seconds(60)
    /// PEM file of the authorities that the service is verified against; nil takes the system's.
    package var authoritiesFile: String?

    package init(target: TargetURL, signer: WebhookSigner?) {
        self.target = target
        self.signer = signer
    }
}
