import HTTPFraming

/// The `Date` field of answers, made anew once a second.
struct DateLine {
    private var bytes = DateField.line(secondsSince1970: 0)
    private var validUntil: UInt64 = 0

    /// The line for this moment of the monotonic clock.
    mutating func line(now: UInt64) -> [UInt8] {
        if now >= validUntil {
            DateField.write(secondsSince1970: MonotonicClock.secondsSince1970(), into: &bytes)
            validUntil = now + 1_000_000_000
        }
        return bytes
    }
}
