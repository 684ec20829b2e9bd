/// Another machine's clock and ours, at about the same moment.
package struct ClockSample: Sendable, Equatable {
    /// Whose clock: a host.
    package let source: String
    /// Milliseconds since 1970.
    package let theirs: Int64
    package let ours: Int64

    package init(source: String, theirs: Int64, ours: Int64) {
        self.source = source
        self.theirs = theirs
        self.ours = ours
    }

    /// How far we are ahead.
    var offset: Int64 { ours - theirs }
}

/// Says whether clocks agree.
enum ClockJudge {
    // Limit: a date in HTTP has whole seconds and has travelled; below this nothing that we do goes wrong.
    static let tolerated: Int64 = 30_000
    private static let severe: Int64 = 300_000

    static func findings(_ samples: [ClockSample], newestRecordAt newest: Int64?, now: Int64) -> [Finding] {
        var found = samples.map(finding)
        if let newest, newest > now + tolerated {
            found.append(
                Finding(
                    .clock,
                    "record_in_future",
                    .warning,
                    "",
                    "the newest record is from \(Words.time(newest, now: now))",
                    meaning: "The clock of a replica is ahead of this machine's: silences look shorter, and windows of "
                        + "replays miss events.",
                    advice: "Compare the clocks of the replicas with this machine's: timedatectl, chronyc tracking."
                )
            )
        }
        return found
    }

    private static func finding(_ sample: ClockSample) -> Finding {
        let span = Words.span(sample.offset.magnitude)
        guard sample.offset.magnitude > UInt64(tolerated) else {
            return Finding(.clock, "clock_agrees", .ok, sample.source, "our clock agrees to the half minute")
        }
        return Finding(
            .clock,
            "clock_skew",
            sample.offset.magnitude > UInt64(severe) ? .error : .warning,
            sample.source,
            "our clock is \(span) \(sample.offset > 0 ? "ahead" : "behind")",
            meaning: "Times of receipt, expiry of handshakes and retiring of tokens go by this clock, and TLS "
                + "certificates may seem expired or not yet valid.",
            advice: "Start time synchronization on this machine (timedatectl set-ntp true); then look at the replicas."
        )
    }
}
