import HTTPClient
import Timestamps

struct ClockSample: Sendable, Equatable {
    let source: String
    /// Milliseconds since 1970.
    let theirs: Int64
    let ours: Int64
}

extension ClockSample {
    init?(_ response: ClientResponse, source: String, ours: Int64) {
        guard let text = response.header("Date"),
            let seconds = HTTPDate.secondsSince1970(text, now: ours / 1_000)
        else { return nil }
        // The date was cut to whole seconds.
        self.init(source: source, theirs: seconds * 1_000 + 500, ours: ours)
    }
}

enum ClockCheck {
    // Limit: a date in HTTP has whole seconds and has travelled; a smaller difference does no harm.
    private static let tolerated: Int64 = 30_000
    private static let severe: Int64 = 300_000

    static func findings(_ samples: [ClockSample], newestRecordAt newest: Int64?, now: Int64) -> [Finding] {
        var found = Findings(.clock, texts)
        for sample in samples {
            let ahead = sample.ours - sample.theirs
            guard ahead.magnitude > UInt64(tolerated) else {
                found.add("clock_agrees", about: sample.source)
                continue
            }
            let level: Finding.Level = ahead.magnitude > UInt64(severe) ? .error : .warning
            let values = ["time": Words.span(ahead.magnitude), "direction": ahead > 0 ? "ahead" : "behind"]
            found.add("clock_skew", level: level, about: sample.source, values)
        }
        if let newest, newest > now + tolerated {
            found.add("record_in_future", ["time": Words.time(newest, now: now)])
        }
        return found.all
    }

    static let texts = CheckTexts(
        """
        clock_agrees ok
          this machine's clock agrees within half a minute
        clock_skew error
          this machine's clock is {time} {direction}
          Times of receipt, the expiry of handshakes and the retirement of tokens follow this clock, and TLS \
        certificates may seem expired or not yet valid.
          Enable time synchronization on this machine (timedatectl set-ntp true); then check the replicas.
        record_in_future warning
          the newest record is from {time}
          The clock of a replica is ahead of this machine's: silences look shorter than they are, and replays by time \
        miss events.
          Compare the clocks of the replicas with this machine's: timedatectl, chronyc tracking.
        """
    )
}
