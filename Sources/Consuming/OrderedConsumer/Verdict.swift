/// What a handler says became of a record.
public enum Verdict: Sendable, Equatable {
    /// It is done.
    case done
    /// It is of no interest, which is counted apart from what was done.
    case skip
    /// Try again, not before `after`; counts as a failed attempt. The text is for people.
    case retry(String, after: Duration? = nil)
    /// It will never succeed: to the dead letters at once. The text is for people.
    case deadLetter(DeadLetterReason, String)
}

/// Who is handled by a group: one call at a time for each key, in the order of the topic.
///
/// A thrown error is taken for what ``KeyedConsumerSettings/classify`` makes of it. A cancelled task means that the
/// call has passed its deadline or that its partition goes to another member: return soon; whatever is returned then
/// counts only if it is `done` and still in time.
public typealias RecordHandler = @Sendable (ConsumedRecord) async throws -> Verdict
