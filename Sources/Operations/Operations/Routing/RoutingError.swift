/// A request that a route turns down: a status from 400 to 499, a name for programs and a sentence for people.
package struct RoutingError: Error, Equatable, Sendable {
    package let status: Int
    package let name: String
    package let message: String

    package init(status: Int, name: String, message: String) {
        precondition((400...499).contains(status), "What a client did wrong has a status from 400 to 499.")
        self.status = status
        self.name = name
        self.message = message
    }

    static func badParameter(_ name: String, _ message: String) -> RoutingError {
        RoutingError(status: 400, name: "bad_parameter", message: "\(name): \(message)")
    }
}
