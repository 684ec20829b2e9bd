/// What the process says to whoever started it.
package enum ExitStatus: Int32, Sendable {
    /// Everything that was asked for was done.
    case success = 0
    /// It was tried and did not work: Kafka refused, an id is missing, the stop was not clean.
    case failure = 1
    /// The command line or a setting is wrong; nothing was tried.
    case usage = 2
}
