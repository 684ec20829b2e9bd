import Foundation
package import HTTPServer

/// A request that found its route, copied out of the connection's buffer.
package struct RoutedRequest: Sendable {
    package let method: String
    /// As it came, without the query.
    package let path: String
    /// What the names of the route's pattern stand for.
    package let names: [String: String]
    package let query: QueryParameters
    package let body: [UInt8]
    package let client: ClientAddress
    private let fields: [(name: String, value: String)]

    init(_ request: borrowing Request, names: [String: String]) throws(RoutingError) {
        method = request.head.method.text
        path = request.head.path.text
        self.names = names
        query = try QueryParameters(request.head.query?.text ?? "")
        var body: [UInt8] = []
        body.reserveCapacity(request.body.count)
        for index in request.body.indices { body.append(request.body[index]) }
        self.body = body
        client = request.client
        var fields: [(name: String, value: String)] = []
        for index in 0..<request.head.fieldCount {
            fields.append((request.head.name(index).text.lowercased(), request.head.value(index).text))
        }
        self.fields = fields
    }

    /// The value of a header field, its name in lower case; several are joined by commas (RFC 9110 section 5.3).
    package func field(_ name: String) -> String? {
        let values = fields.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// The body as JSON. Another content type is 415; what cannot be decoded is 400 and says where.
    package func json<Value: Decodable>(_ type: Value.Type) throws(RoutingError) -> Value {
        let given = field("content-type")?.split(separator: ";").first?.lowercased()
        guard given?.trimmingCharacters(in: .whitespaces) == "application/json" else {
            throw RoutingError(status: 415, name: "not_json", message: "the content type must be application/json")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw RoutingError(status: 400, name: "bad_json", message: Self.text(of: error))
        }
    }

    private static func text(of error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty ? "the body" : path.map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context): return "\(place(context.codingPath + [key])) is missing"
        case DecodingError.valueNotFound(_, let context): return "\(place(context.codingPath)) must not be null"
        case DecodingError.typeMismatch(let type, let context): return "\(place(context.codingPath)) is no \(type)"
        case DecodingError.dataCorrupted(let context): return "\(place(context.codingPath)) is not valid JSON"
        default: return "the body cannot be read"
        }
    }
}
