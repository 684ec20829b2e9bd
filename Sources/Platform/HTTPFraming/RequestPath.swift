/// The path of a request, as a setting names it.
package enum RequestPath {
    /// What is wrong with a path that no request can have: the parser refuses it, or senders and proxies rewrite it
    /// before it gets here. Nil if one can have it.
    package static func fault(in text: String) -> String? {
        let path = Array(text.utf8)
        guard path.first == ASCII.slash else { return "is not a path" }
        for index in path.indices where !ASCII.isTarget(path[index]) {
            guard path[index] == ASCII.percent else { return "has a character that the path of a request cannot have" }
            guard index + 2 < path.count, ASCII.hexValue(path[index + 1]) != nil, ASCII.hexValue(path[index + 2]) != nil
            else { return "has a percent sign without two hexadecimal digits behind it" }
        }
        // One slash may stand at the end.
        let segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard !segments.dropLast().contains("") else { return "has an empty segment, which proxies remove" }
        let dots = [".", ".."]
        guard !segments.contains(where: { dots.contains($0.lowercased().replacing("%2e", with: ".")) }) else {
            return "has a segment of dots, which senders remove"
        }
        return nil
    }
}
