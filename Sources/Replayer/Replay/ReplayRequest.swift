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
    /// Stored bodies go through the normalizer again, and get this key. Nil replays records as they are.
    package var renormalizeKey: String?

    package init(
        topic: String,
        window: WindowRequest,
        filter: [String: String] = [:],
        target: ReplayDestination,
        replaysMax: Int = 3,
        renormalizeKey: String? = nil
    ) {
        self.topic = topic
        self.window = window
        self.filter = filter
        self.target = target
        self.replaysMax = replaysMax
        self.renormalizeKey = renormalizeKey
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
