/// The paths of a route: `/v1/pages/{id}`. A name in braces stands for one segment that is not empty.
struct RoutePattern: Equatable, Sendable {
    private enum Segment: Equatable {
        case fixed(Substring)
        case named(String)
    }

    let text: String
    private let segments: [Segment]

    init(_ text: String) {
        precondition(text.hasPrefix("/"), "A path begins with a slash.")
        self.text = text
        segments = Self.parts(text[...]).map { part in
            guard part.hasPrefix("{"), part.hasSuffix("}"), part.count > 2 else { return .fixed(part) }
            return .named(String(part.dropFirst().dropLast()))
        }
    }

    /// What the names stand for, or nil when the path is another one. A slash that is percent-encoded belongs to its
    /// segment; a segment whose encoding is wrong is no match for a name.
    func match(_ path: Substring) -> [String: String]? {
        let parts = Self.parts(path)
        guard parts.count == segments.count else { return nil }
        var names: [String: String] = [:]
        for (segment, part) in zip(segments, parts) {
            switch segment {
            case .fixed(let text):
                guard part == text else { return nil }
            case .named(let name):
                guard !part.isEmpty, let value = PercentEncoding.decoded(part) else { return nil }
                names[name] = value
            }
        }
        return names
    }

    private static func parts(_ path: Substring) -> [Substring] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }
}
