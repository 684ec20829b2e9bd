/// What all loops of a receiver share.
struct ReceiverContext: Sendable {
    let settings: ReceiverSettings
    let board: KeyBoard
    let uses: TokenUses
    let pending: PendingHandshakes
    let answers: Answers
    let telemetry: Telemetry
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64
}
