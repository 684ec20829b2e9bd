import Timestamps

extension WindowError: CustomStringConvertible {
    /// A line for people.
    package var description: String {
        switch self {
        case .startsInFuture(let time):
            "--from \(Timestamp.text(milliseconds: time)) lies in the future: there is nothing to replay yet"
        case .backwards(let from, let to):
            "--from \(Timestamp.text(milliseconds: from)) is not before --to \(Timestamp.text(milliseconds: to))"
        case .noPartition(let partition, let count):
            "--offsets: there is no partition \(partition); the topic has \(count), counted from 0"
        }
    }
}
