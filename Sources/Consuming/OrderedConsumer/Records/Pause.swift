/// That a group pauses: its members handle nothing until it is lifted.
public struct Pause: Sendable, Equatable {
    /// Since when, in milliseconds since 1970.
    public var sinceMilliseconds: Int64
    /// Who paused it, as they call themselves.
    public var by: String?

    /// A pause.
    public init(sinceMilliseconds: Int64, by: String? = nil) {
        self.sinceMilliseconds = sinceMilliseconds
        self.by = by
    }
}
