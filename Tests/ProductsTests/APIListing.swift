/// The public names of a module, one a line: what a change of them looks like in review.
///
/// A line is the declaration, behind the names of what it is nested in. Types say what they conform to. What is not
/// told is which values the cases of an enum stand for.
struct APIListing {
    let lines: [String]

    var text: String { lines.map { "\($0)\n" }.joined() }

    /// What every type has unless it is said otherwise, and the compiler's own marks.
    private static let selfEvident: Set<String> = ["Copyable", "Escapable", "SendableMetatype"]

    init(_ graph: SymbolGraph, _ suppressed: SuppressedConformances = SuppressedConformances()) {
        var conformances: [String: Set<String>] = [:]
        let names = Dictionary(graph.symbols.map { ($0.identifier.precise, $0.path) }) { first, _ in first }
        for relationship in graph.relationships where ["conformsTo", "inheritsFrom"].contains(relationship.kind) {
            let fallback = relationship.targetFallback?.split(separator: ".").dropFirst().joined(separator: ".")
            let name = names[relationship.target] ?? fallback ?? relationship.target
            if !Self.selfEvident.contains(name) { conformances[relationship.source, default: []].insert(name) }
        }
        let sorted = graph.symbols.sorted { ($0.path, $0.declaration) < ($1.path, $1.declaration) }
        lines = sorted.map { symbol in
            let container = symbol.pathComponents.dropLast().joined(separator: ".")
            let place = container.isEmpty ? "" : "\(container) :: "
            let deprecated = symbol.isDeprecated ? "@available(*, deprecated) " : ""
            let conforming =
                (conformances[symbol.identifier.precise] ?? []).sorted()
                + (suppressed.byPath[symbol.path] ?? []).sorted()
            let suffix = conforming.isEmpty ? "" : " : \(conforming.joined(separator: ", "))"
            return place + deprecated + symbol.declaration + suffix
        }
    }
}
