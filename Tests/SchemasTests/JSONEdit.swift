import Foundation

/// One change of a JSON document: what stands at a pointer (RFC 6901) is set or taken away.
struct JSONEdit: Sendable {
    struct Failure: Error {
        let pointer: String
    }

    /// `-` at its end is the place behind a list's last element.
    let pointer: String
    /// JSON; nil takes away.
    let text: String?

    static func set(_ pointer: String, _ text: String) -> JSONEdit { JSONEdit(pointer: pointer, text: text) }
    static func remove(_ pointer: String) -> JSONEdit { JSONEdit(pointer: pointer, text: nil) }

    func applied(to document: Any) throws -> Any {
        let value = try text.map { try JSONSerialization.jsonObject(with: Data($0.utf8), options: .fragmentsAllowed) }
        return try edited(document, pointer.split(separator: "/").map(String.init)[...], value)
    }

    private func edited(_ document: Any, _ path: ArraySlice<String>, _ value: Any?) throws -> Any {
        guard let step = path.first else { throw Failure(pointer: pointer) }
        let rest = path.dropFirst()
        if var members = document as? [String: Any] {
            if rest.isEmpty {
                guard value != nil || members[step] != nil else { throw Failure(pointer: pointer) }
                members[step] = value
            } else {
                guard let member = members[step] else { throw Failure(pointer: pointer) }
                members[step] = try edited(member, rest, value)
            }
            return members
        }
        guard var elements = document as? [Any] else { throw Failure(pointer: pointer) }
        if step == "-", rest.isEmpty, let value { return elements + [value] }
        guard let index = Int(step), elements.indices.contains(index) else { throw Failure(pointer: pointer) }
        switch (rest.isEmpty, value) {
        case (false, _): elements[index] = try edited(elements[index], rest, value)
        case (true, let value?): elements[index] = value
        case (true, nil): elements.remove(at: index)
        }
        return elements
    }
}
