/// Which types of a module cannot be copied, or must not outlive what they are made of: the one part of a type's
/// contract that is not in a symbol graph. It is taken from the interface that the compiler prints.
struct SuppressedConformances: Equatable {
    /// By the type's path: `["Delivery": ["~Escapable"]]`.
    let byPath: [String: Set<String>]

    init(_ byPath: [String: Set<String>] = [:]) {
        self.byPath = byPath
    }

    /// Nesting is told by indentation, four spaces a level.
    init(interface: String) throws {
        let opening = try Regex(
            #"^ *(?:[a-z@]+ )*(?:struct|enum|class|actor|protocol|extension) ([\w.]+)(?: : ([^{]*))?"#
        )
        var found: [String: Set<String>] = [:]
        var path: [String] = []
        for line in interface.split(separator: "\n") where line.hasSuffix("{") || line.hasSuffix("{ }") {
            guard let match = line.firstMatch(of: opening) else { continue }
            let depth = line.prefix { $0 == " " }.count / 4
            path = path.prefix(depth) + [String(match.output[1].substring ?? "")]
            let inherited = (match.output[2].substring ?? "").split { $0 == "," || $0 == " " }.map(String.init)
            let suppressed = inherited.filter { $0.hasPrefix("~") }
            if !suppressed.isEmpty { found[path.joined(separator: "."), default: []].formUnion(suppressed) }
        }
        byPath = found
    }
}
