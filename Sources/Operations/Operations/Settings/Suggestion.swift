enum Suggestion {
    // Limit: the comparison is quadratic, and no name is longer.
    private static let lengthMax = 64

    /// `; did you mean --topic?`, or nothing when no name is near.
    static func text(for name: String, among names: [String]) -> String {
        nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
    }

    static func nearest(to name: String, among names: [String]) -> String? {
        guard name.utf8.count <= lengthMax else { return nil }
        let allowed = max(2, name.utf8.count / 4)
        let near = names.map { (name: $0, distance: distance(name, $0)) }.min { $0.distance < $1.distance }
        guard let near, near.distance <= allowed else { return nil }
        return near.name
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other.
    static func distance(_ from: String, _ to: String) -> Int {
        let from = Array(from.lowercased().utf8)
        let to = Array(to.lowercased().utf8)
        guard !from.isEmpty, !to.isEmpty else { return max(from.count, to.count) }
        var beforeLast: [Int] = []
        var last = Array(0...to.count)
        for row in 1...from.count {
            var current = [row]
            for column in 1...to.count {
                let replaced = last[column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1)
                var best = min(replaced, last[column] + 1, current[column - 1] + 1)
                if row > 1, column > 1, from[row - 1] == to[column - 2], from[row - 2] == to[column - 1] {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[to.count]
    }
}
