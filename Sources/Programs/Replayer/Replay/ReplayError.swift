import Timestamps

/// Why a replay cannot begin or go on.
package enum ReplayError: Error, Sendable, Equatable {
    /// The topic to be read is not there.
    case noTopic(String)
    /// The topic to be sent to is not there.
    case noTarget(String)
    /// Nothing came of a partition for so long, though the window goes on.
    case readingSilent(topic: String, partition: Int32, next: Int64, end: Int64, seconds: Int64, String?)
    /// The target took nothing for so long.
    case targetSilent(String, waiting: Int, seconds: Int64, String?)
    /// The target refused so many records one after the other.
    case refused(String, records: Int)
    /// The named replay was begun with another request.
    case otherRequest(name: String, [String])
    /// Somebody else is at it.
    case running(name: String)
    /// What is kept under the name cannot be read.
    case unreadable(name: String, String)
    /// The named replay was never begun, and what it is to do was not said.
    case unknown(name: String)
}

extension ReplayError: CustomStringConvertible {
    /// A line for people.
    package var description: String {
        switch self {
        case .noTopic(let topic): "there is no topic \(topic) to read: is --from-topic right?"
        case .noTarget(let topic):
            "there is no topic \(topic) to send to: create it first, with the partitions that its consumers want"
        case .readingSilent(let topic, let partition, let next, let end, let seconds, let error):
            "\(topic) [\(partition)]: nothing came for \(seconds) s behind offset \(next - 1), and the window ends at "
                + "\(end - 1): a broker is down, a transaction was left open there, or records were lost"
                + (error.map { "; last error: \($0)" } ?? "")
        case .targetSilent(let target, let waiting, let seconds, let error):
            "\(target) took none of \(waiting) records for \(seconds) s" + (error.map { "; last error: \($0)" } ?? "")
        case .refused(let target, let records):
            "\(target) refused \(records) records one after the other: it is not ready for them; each is named above"
        case .otherRequest(let name, let differences):
            "the replay \(name) was begun otherwise (\(differences.joined(separator: ", "))): leave window, filters "
                + "and target out to go on with it, or choose another name"
        case .running(let name):
            "the replay \(name) is being run elsewhere, its checkpoint is moving: one at a time, or the same is sent "
                + "twice"
        case .unreadable(let name, let why):
            "the checkpoint of the replay \(name) cannot be read (\(why)): choose another name"
        case .unknown(let name):
            "there is no replay \(name) to resume: to begin it, give a window (--from, --offsets or --last) and a "
                + "target (--to-topic, --to-url or --to-stdout)"
        }
    }
}
