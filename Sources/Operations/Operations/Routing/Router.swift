package import HTTPServer

/// Answers requests by a table of routes: 404 for a path that is not there, 405 with what is allowed for a method that
/// is not, HEAD as GET without the body.
package final class Router: ExchangeHandler {
    private let loop: EventLoop
    private let routes: [Route]
    private let feeds: [EventFeed?]
    private let rule: BrowserRule?

    package convenience init(loop: EventLoop, routes: [Route]) { self.init(loop: loop, routes: routes, rule: nil) }

    init(loop: EventLoop, routes: [Route], rule: BrowserRule?) {
        self.loop = loop
        self.rule = rule
        self.routes = routes
        feeds = routes.map { route in
            guard case .events(let source) = route.action else { return nil }
            let feed = EventFeed(loop: loop, source: source)
            loop.every(milliseconds: 1000) { [weak feed] in feed?.tick() }
            return feed
        }
    }

    package func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision {
        let path = head.path.text
        let method = head.method.text
        let known = routes.filter { $0.pattern.match(path[...]) != nil }
        guard !known.isEmpty else { return .refuse(RoutedAnswer.error(404, "not_found")) }
        guard let route = known.first(where: { $0.methods.contains(method) }) else {
            let allowed = known.flatMap(\.methods).joined(separator: ", ")
            return .refuse(RoutedAnswer.error(405, "method_not_allowed").with("Allow", allowed))
        }
        if !route.isForAnyone, let error = rule?.refusal(of: head) { return .refuse(.error(error)) }
        return .read(bodyBytesMax: route.bodyBytesMax)
    }

    package func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let path = request.head.path.text
        let method = request.head.method.text
        for (route, feed) in zip(routes, feeds) where route.methods.contains(method) {
            guard let names = route.pattern.match(path[...]) else { continue }
            if let feed { return feed.begin(exchange) }
            let answer = Self.answer(request, names, route)
            return loop.respond(exchange, answer.head, body: answer.body.span)
        }
        preconditionFailure("Only requests that were decided on get here.")
    }

    private static func answer(_ request: borrowing Request, _ names: [String: String], _ route: Route) -> RoutedAnswer
    {
        guard case .answer(let answer) = route.action else { preconditionFailure("A route of events has its feed.") }
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
    fileprivate static func refuse(_ answer: RoutedAnswer) -> HeadDecision { .refuse(answer.head, answer.body) }
}

/// A method, the paths it is for, and what answers.
///
/// The closures run on the port's own thread and must not block: a scrape or a probe waits behind them.
package struct Route: Sendable {
    enum Action: Sendable {
        case answer(@Sendable (RoutedRequest) throws(RoutingError) -> RoutedAnswer)
        case events(EventFeed.Source)
    }

    let method: String
    let pattern: RoutePattern
    let bodyBytesMax: Int
    /// Probes and scrapers call the port by names of pods and services, and learn nothing secret.
    let isForAnyone: Bool
    let action: Action

    // Limit: what is posted to such ports is typed by people, or is one object of an API.
    package init(
        _ method: String,
        _ path: String,
        bodyBytesMax: Int = 64 * 1024,
        isForAnyone: Bool = false,
        answer: @escaping @Sendable (RoutedRequest) throws(RoutingError) -> RoutedAnswer
    ) {
        self.method = method
        self.pattern = RoutePattern(path)
        self.bodyBytesMax = bodyBytesMax
        self.isForAnyone = isForAnyone
        self.action = .answer(answer)
    }

    /// Server-sent events for whoever listens: at once and then each second, or a heartbeat when there is none. They
    /// are made once for all clients, and not at all while there are none. A client that does not keep up misses some.
    package static func events(
        _ path: String,
        clientsMax: Int = 16,
        make: @escaping @Sendable () -> [ServerSentEvent]
    ) -> Route { Route(path, EventFeed.Source(clientsMax: clientsMax, make: make)) }

    private init(_ path: String, _ source: EventFeed.Source) {
        method = "GET"
        pattern = RoutePattern(path)
        bodyBytesMax = 0
        isForAnyone = false
        action = .events(source)
    }

    /// GET answers HEAD too.
    var methods: [String] { method == "GET" ? ["GET", "HEAD"] : [method] }
}

/// The paths of a route: `/v1/pages/{id}`. A name in braces stands for one segment that is not empty.
struct RoutePattern: Equatable, Sendable {
    private enum Segment: Equatable {
        case fixed(Substring)
        case named(String)
    }

    let text: String
    private let segments: [Segment]

    init(_ text: String) {
        precondition(text.hasPrefix("/"), "A path begins with a slash.")
        self.text = text
        segments = Self.parts(text[...]).map { part in
            guard part.hasPrefix("{"), part.hasSuffix("}"), part.count > 2 else { return .fixed(part) }
            return .named(String(part.dropFirst().dropLast()))
        }
    }

    /// What the names stand for, or nil when the path is another one. A slash that is percent-encoded belongs to its
    /// segment; a segment whose encoding is wrong is no match for a name.
    func match(_ path: Substring) -> [String: String]? {
        let parts = Self.parts(path)
        guard parts.count == segments.count else { return nil }
        var names: [String: String] = [:]
        for (segment, part) in zip(segments, parts) {
            switch segment {
            case .fixed(let text): guard part == text else { return nil }
            case .named(let name):
                guard !part.isEmpty, let value = PercentEncoding.decoded(part) else { return nil }
                names[name] = value
            }
        }
        return names
    }

    private static func parts(_ path: Substring) -> [Substring] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }
}
