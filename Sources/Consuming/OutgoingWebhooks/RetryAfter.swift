import Timestamps

/// The header `Retry-After` (RFC 9110, section 10.2.3): how long a service asks to be left alone.
package enum RetryAfter {
    // Limit: the service's word holds up one key's events, so it is not believed without bounds.
    package static let longest = Duration.seconds(3_600)

    /// The wait that a value asks for, at most `longest`; zero for a time that has passed. Nil for anything that is
    /// neither whole seconds nor a date. `now` is in seconds since 1970.
    package static func wait(_ value: String, now: Int64, longest: Duration = Self.longest) -> Duration? {
        if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // Digits that fit no number are a very long time.
            return min(.seconds(Int64(value) ?? .max), longest)
        }
        guard let date = HTTPDate.secondsSince1970(value, now: now) else { return nil }
        return min(.seconds(max(0, date - now)), longest)
    }
}
