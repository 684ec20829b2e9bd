package import HTTPServer

/// Answers `/livez`, `/readyz`, `/metrics` and the routes that were added.
package final class OperationsHandler: ExchangeHandler {
    // Limit: what is posted here is typed by people.
    private static let bodyBytesMax = 64 * 1024

    private let loop: EventLoop
    private let routes: [OperationsRoute]

    package init(loop: EventLoop, health: Health, metrics: MetricRegistry, routes: [OperationsRoute]) {
        self.loop = loop
        self.routes = Self.ownRoutes(health, metrics) + routes
    }

    package func decide(_ head: borrowing RequestHead) -> HeadDecision {
        let known = routes.filter { head.pathIs($0.path) }
        guard !known.isEmpty else {
            let answer = OperationsResponse.error(404, "not_found")
            return .refuse(answer.head(), answer.body)
        }
        guard Self.route(for: head, among: known) != nil else {
            let allowed = known.flatMap { $0.method == "GET" ? ["GET", "HEAD"] : [$0.method] }
            let answer = OperationsResponse.error(405, "method_not_allowed")
            return .refuse(answer.head(allow: allowed.joined(separator: ", ")), answer.body)
        }
        return .read(bodyBytesMax: Self.bodyBytesMax)
    }

    package func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let known = routes.filter { request.head.pathIs($0.path) }
        guard let route = Self.route(for: request.head, among: known) else {
            preconditionFailure("Only requests that were decided on get here.")
        }
        var body: [UInt8] = []
        for index in request.body.indices { body.append(request.body[index]) }
        let answer = route.answer(OperationsRequest(query: request.head.query?.text, body: body))
        loop.respond(exchange, answer.head(), body: answer.body.span)
    }

    package func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) {
        let answer = OperationsResponse.error(503, "deadline_exceeded")
        return (answer.head(), answer.body)
    }

    package func abandoned(_ exchange: Exchange) {}

    package func refused(_ refusal: Refusal) {}

    /// HEAD is answered as GET is; the server leaves the body out.
    private static func route(for head: borrowing RequestHead, among known: [OperationsRoute]) -> OperationsRoute? {
        let isHEAD = head.isHEAD
        for route in known where head.methodIs(route.method) || (isHEAD && route.method == "GET") {
            return route
        }
        return nil
    }

    private static func ownRoutes(_ health: Health, _ metrics: MetricRegistry) -> [OperationsRoute] {
        [
            OperationsRoute("GET", "/livez") { _ in report("live", health.reasons(against: .live)) },
            OperationsRoute("GET", "/readyz") { _ in report("ready", health.reasons(against: .ready)) },
            OperationsRoute("GET", "/metrics") { _ in
                OperationsResponse(
                    status: 200,
                    contentType: PrometheusText.contentType,
                    body: metrics.exposition()
                )
            },
        ]
    }

    /// `{"ready":true}`, or 503 and why not.
    private static func report(_ name: String, _ reasons: [String]) -> OperationsResponse {
        guard !reasons.isEmpty else { return .json("{\"\(name)\":true}") }
        let list = reasons.map(JSONText.quoted).joined(separator: ",")
        return .json("{\"\(name)\":false,\"reasons\":[\(list)]}", status: 503)
    }
}
