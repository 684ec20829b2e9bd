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
    let action: Action

    // Limit: what is posted to such ports is typed by people, or is one object of an API.
    package init(
        _ method: String,
        _ path: String,
        bodyBytesMax: Int = 64 * 1024,
        answer: @escaping @Sendable (RoutedRequest) throws(RoutingError) -> RoutedAnswer
    ) {
        self.method = method
        self.pattern = RoutePattern(path)
        self.bodyBytesMax = bodyBytesMax
        self.action = .answer(answer)
    }

    /// Server-sent events for whoever listens: at once and then each second, or a heartbeat when there is none. They
    /// are made once for all clients, and not at all while there are none. A client that does not keep up misses some.
    package static func events(
        _ path: String,
        clientsMax: Int = 16,
        make: @escaping @Sendable () -> [ServerSentEvent]
    ) -> Route {
        Route(path, EventFeed.Source(clientsMax: clientsMax, make: make))
    }

    private init(_ path: String, _ source: EventFeed.Source) {
        method = "GET"
        pattern = RoutePattern(path)
        bodyBytesMax = 0
        action = .events(source)
    }

    /// GET answers HEAD too.
    var methods: [String] { method == "GET" ? ["GET", "HEAD"] : [method] }
}
