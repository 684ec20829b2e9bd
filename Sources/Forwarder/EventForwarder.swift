import HTTPClient
import Kafka
import NotionEvents
package import Operations
package import OrderedConsumer
import Synchronization
import Timestamps

/// Gives events to a service: each as a signed request, as many at once as the service bears.
package final class EventForwarder: Sendable {
    private let settings: ForwarderSettings
    private let client: Client
    private let metrics: ForwarderMetrics
    private let now: @Sendable () -> Int64
    private let load: Mutex<Load>
    private let onLimit = Mutex<(@Sendable (Int) -> Void)?>(nil)

    private struct Load {
        var limit: AdaptiveLimit
        var inFlight = 0
    }

    /// `now` is milliseconds since 1970.
    package init(
        _ settings: ForwarderSettings,
        metrics: MetricRegistry,
        now: @escaping @Sendable () -> Int64
    ) throws {
        self.settings = settings
        self.metrics = ForwarderMetrics(metrics)
        self.now = now
        load = Mutex(Load(limit: AdaptiveLimit(ceiling: settings.requestsMax)))
        client = try Client(
            ClientSettings(
                requestsMax: settings.requestsMax * 2,
                unnamedLanesMax: settings.requestsMax,
                authoritiesFile: settings.authoritiesFile
            )
        )
    }

    /// Calls `body` with the number of requests that may be under way, now and whenever it changes.
    package func followLimit(_ body: @escaping @Sendable (Int) -> Void) {
        onLimit.withLock { $0 = body }
        show(load.withLock { $0.limit.limit })
    }

    /// One attempt with one event: the handler of a consumer.
    package func forward(_ consumed: ConsumedRecord) async -> Verdict {
        guard settings.types.match(Self.type(of: consumed)) else { return .skip }
        let request = ForwardedRequest(
            consumed.record,
            attempt: consumed.attempt,
            isLate: consumed.isLate,
            supersededIDs: consumed.superseded.compactMap(\.id)
        ).clientRequest(
            to: settings.target,
            signer: settings.signer,
            secondsSince1970: now() / 1000,
            timeout: settings.requestTimeout
        )
        let answer = await send(request)
        return Self.verdict(AnswerVerdict(answer, now: now() / 1000))
    }

    private func send(_ request: ClientRequest) async -> Result<ClientResponse, ClientError> {
        metrics.inFlight.set(
            load.withLock { load in
                load.inFlight += 1
                return load.inFlight
            }
        )
        let clock = ContinuousClock()
        let start = clock.now
        let answer: Result<ClientResponse, ClientError>
        do throws(ClientError) {
            answer = .success(try await client.send(request))
        } catch {
            answer = .failure(error)
        }
        let end = clock.now
        metrics.note(answer, took: end - start)
        let sign = LoadSign(answer)
        let (before, after) = load.withLock { load in
            let before = load.limit.limit
            load.limit.note(sign, startedAt: start, finishedAt: end, inFlight: load.inFlight)
            load.inFlight -= 1
            metrics.inFlight.set(load.inFlight)
            return (before, load.limit.limit)
        }
        if before != after { show(after) }
        return answer
    }

    private func show(_ limit: Int) {
        metrics.limit.set(limit)
        onLimit.withLock { $0 }?(limit)
    }

    /// Ends the client; requests under way fail.
    package func close() { client.close() }

    private static func type(of consumed: ConsumedRecord) -> String {
        TypePatterns.type(ofHeader: consumed.record.header("ce_type"))
    }

    private static func verdict(_ verdict: AnswerVerdict) -> Verdict {
        switch verdict {
        case .done: .done
        case .retry(let after, _, let message): .retry(message, after: after)
        case .deadLetter(let reason, let message):
            .deadLetter(DeadLetterReason(reason) ?? .handler, message)
        }
    }
}
