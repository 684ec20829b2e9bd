package import HTTPServer

/// Answers requests by a table of routes: 404 for a path that is not there, 405 with what is allowed for a method that
/// is not, HEAD as GET without the body.
package final class Router: ExchangeHandler {
    private let loop: EventLoop
    private let routes: [Route]
    private let feeds: [EventFeed?]

    package init(loop: EventLoop, routes: [Route]) {
        self.loop = loop
        self.routes = routes
        feeds = routes.map { route in
            guard case .events(let source) = route.action else { return nil }
            let feed = EventFeed(loop: loop, source: source)
            loop.every(milliseconds: 1000) { [weak feed] in feed?.tick() }
            return feed
        }
    }

    package func decide(_ head: borrowing RequestHead) -> HeadDecision {
        let path = head.path.text
        let method = head.method.text
        let known = routes.filter { $0.pattern.match(path[...]) != nil }
        guard !known.isEmpty else { return .refuse(RoutedAnswer.error(404, "not_found")) }
        guard let route = known.first(where: { $0.methods.contains(method) }) else {
            let allowed = known.flatMap(\.methods).joined(separator: ", ")
            return .refuse(RoutedAnswer.error(405, "method_not_allowed").with("Allow", allowed))
        }
        return .read(bodyBytesMax: route.bodyBytesMax)
    }

    package func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let path = request.head.path.text
        let method = request.head.method.text
        for (route, feed) in zip(routes, feeds) where route.methods.contains(method) {
            guard let names = route.pattern.match(path[...]) else { continue }
            if let feed {
                return feed.begin(exchange)
            }
            let answer = Self.answer(request, names, route)
            return loop.respond(exchange, answer.head, body: answer.body.span)
        }
        preconditionFailure("Only requests that were decided on get here.")
    }

    private static func answer(_ request: borrowing Request, _ names: [String: String], _ route: Route) -> RoutedAnswer
    {
        guard case .answer(let answer) = route.action else {
            preconditionFailure("A route of events has its feed.")
        }
        do throws(RoutingError) {
            return try answer(RoutedRequest(request, names: names))
        } catch {
            return .error(error)
        }
    }

    package func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) {
        let answer = RoutedAnswer.error(503, "deadline_exceeded")
        return (answer.head, answer.body)
    }

    package func abandoned(_ exchange: Exchange) {}
}

extension HeadDecision {
    fileprivate static func refuse(_ answer: RoutedAnswer) -> HeadDecision {
        .refuse(answer.head, answer.body)
    }
}
