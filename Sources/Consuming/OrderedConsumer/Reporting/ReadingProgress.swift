/// How far a topic has been read.
package struct ReadingProgress: Sendable, Equatable {
    package let topic: String
    /// Records read so far.
    package let records: Int64
    /// As many as there can be; fewer in a compacted topic.
    package let recordsMax: Int64
}
