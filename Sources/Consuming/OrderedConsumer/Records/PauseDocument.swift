internal import Timestamps

/// A pause as JSON.
struct PauseDocument: VersionedDocument {
    let version: Int
    let pausedAt: String
    let by: String?

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case pausedAt = "paused_at"
        case by
    }

    init(_ pause: Pause) {
        version = StateDocument.version
        pausedAt = Timestamp.text(milliseconds: pause.sinceMilliseconds)
        by = pause.by
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(pausedAt, forKey: .pausedAt)
        try container.encode(by, forKey: .by)
    }

    /// Nil if the time is none.
    var pause: Pause? {
        Timestamp.milliseconds(pausedAt).map { Pause(sinceMilliseconds: $0, by: by) }
    }
}
