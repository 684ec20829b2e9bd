/// When a run shows its progress and writes its checkpoint, and how often it says that it waits.
struct ReplayTicks {
    private static let interval = Duration.milliseconds(500)

    private var next: ContinuousClock.Instant
    private var noticedAt: ContinuousClock.Instant?
    private var meter: ProgressMeter

    init(now: ContinuousClock.Instant, progress: ReplayProgress) {
        next = now
        meter = ProgressMeter(now: now, offsets: progress.offsets)
    }

    mutating func isDue(_ now: ContinuousClock.Instant) -> Bool {
        guard now >= next else { return false }
        next = now + Self.interval
        return true
    }

    /// The progress with its rate and the time that is left.
    mutating func measured(_ progress: ReplayProgress, _ now: ContinuousClock.Instant) -> ReplayProgress {
        var progress = progress
        progress.rate = meter.rate(sent: progress.counts.sent, now: now)
        progress.secondsLeft = meter.secondsLeft(offsets: progress.offsets, of: progress.offsetsMax, now: now)
        return progress
    }

    mutating func notice(_ now: ContinuousClock.Instant, every interval: Duration, _ body: () -> Void) {
        if let noticedAt, now - noticedAt < interval { return }
        noticedAt = now
        body()
    }
}
