/// What a replay asks and tells while it runs, from its own thread.
package struct ReplayHooks: Sendable {
    /// Whether a stop was asked for.
    package var isStopped: @Sendable () -> Bool
    /// About twice a second, and at the end.
    package var progress: @Sendable (ReplayProgress) -> Void
    /// A line for people.
    package var notice: @Sendable (String) -> Void

    package init(
        isStopped: @escaping @Sendable () -> Bool,
        progress: @escaping @Sendable (ReplayProgress) -> Void,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.isStopped = isStopped
        self.progress = progress
        self.notice = notice
    }
}
