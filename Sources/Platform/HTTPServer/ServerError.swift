/// Why a server could not start.
package enum ServerError: Error, CustomStringConvertible, Sendable {
    /// The address cannot be listened on; the text is the system's.
    case listen(address: String, reason: String)
    /// A loop could not be set up: a system call or the handler's maker failed.
    case loop(reason: String)
    /// A server is started once.
    case alreadyStarted

    package var description: String {
        switch self {
        case .listen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .loop(let reason): "cannot start the event loop: \(reason)"
        case .alreadyStarted: "the server was started before"
        }
    }
}
