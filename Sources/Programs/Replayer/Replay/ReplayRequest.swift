/// What a replay is to do: everything that stays the same when it is resumed, on whatever machine.
package struct ReplayRequest: Sendable, Equatable, Codable {
    /// The topic that is read.
    package var topic: String
    package var window: WindowRequest
    /// Which records of the window, as flags and their values.
    package var filter: [String: String]
    package var target: ReplayDestination
    /// Records that were replayed that often already are left out.
    package var replaysMax: Int
    /// Stored bodies go through the normalizer again. Nil replays records as they are.
    package var renormalizing: Renormalizing?

    package init(
        topic: String,
        window: WindowRequest,
        filter: [String: String] = [:],
        target: ReplayDestination,
        replaysMax: Int = 3,
        renormalizing: Renormalizing? = nil
    ) {
        self.topic = topic
        self.window = window
        self.filter = filter
        self.target = target
        self.replaysMax = replaysMax
        self.renormalizing = renormalizing
    }
}

/// What the edge's settings of the same names say of the events that come of stored bodies.
package struct Renormalizing: Sendable, Equatable, Codable {
    /// A `KeyStrategy`'s name.
    package var key: String
    /// A `ContentMode`'s name.
    package var cloudEvents: String

    package init(key: String, cloudEvents: String) {
        self.key = key
        self.cloudEvents = cloudEvents
    }
}

/// Where a replay's records go.
package enum ReplayDestination: Sendable, Equatable, Codable {
    case topic(String)
    case url(String)
    case stdout
}

extension ReplayDestination: CustomStringConvertible {
    package var description: String {
        switch self {
        case .topic(let name): "topic \(name)"
        case .url(let url): url
        case .stdout: "stdout"
        }
    }
}
