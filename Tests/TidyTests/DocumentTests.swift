import Foundation
import Testing

@Suite
struct DocumentTests {
    static let documents = Repository.files.filter { $0.path.hasSuffix(".md") }

    @Test(arguments: [
        "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md",
        ".ci/run", ".ci/hooks/pre-commit", ".swift-format", "deploy/Dockerfile", "deploy/compose.yaml",
        "deploy/topics.json", "docs/index.md", "docs/requirements.txt", "mkdocs.yml",
    ])
    func `the files that people expect are there`(path: String) {
        #expect(Repository.exists(path))
    }

    @Test(arguments: Manifest.products)
    func `a library product has a documentation catalog`(product: String) {
        let floor = Manifest.target(named: product)?.floor ?? ""
        #expect(Repository.exists("Sources/\(floor)/\(product)/\(product).docc/\(product).md"))
    }

    @Test
    func `every public declaration is documented`() throws {
        for source in Repository.swift where source.file.isSource && Manifest.products.contains(source.file.target) {
            let declaration = try Regex(
                #"^ *(@[A-Za-z_]+(\([^)]*\))? )*public ([a-z]+(\([a-z]+\))? )*"#
                    + #"(struct|class|enum|protocol|actor|func|var|let|init|subscript|typealias|case)\b"#
            )
            let selfEvident = try Regex(#"\b(var (description|debugDescription)\b|func (==|<|hash)|deinit)"#)
            for (index, line) in source.code.enumerated() where line.contains("public ") && line.contains(declaration) {
                if line.contains(selfEvident) { continue }
                let above = source.lines[..<index].reversed().first {
                    !$0.drop(while: { $0 == " " }).hasPrefix("@")
                }
                if above?.contains("///") != true {
                    Issue.record("\(source):\(index + 1) is public and not documented")
                }
            }
        }
    }

    @Test
    func `SECURITY has a row for each header of the relay, and each row a test`() throws {
        let rows = Repository.text("SECURITY.md").split(separator: "\n").filter { $0.hasPrefix("| `relay-") }
        var named: Set<Substring> = []
        for row in rows {
            let cells = row.split(separator: "|")
            try #require(cells.count == 4, "\(row)")
            named.formUnion(cells[0].matches(of: try Regex(#"relay-[a-z-]+"#)).map { row[$0.range] })
            let tests = cells[3].split(separator: "`").filter { $0.contains(" ") && $0.count > 3 }
            #expect(!tests.isEmpty, "\(row)")
            for test in tests {
                let isThere = Repository.swift.contains { !$0.file.isSource && $0.file.holds("func `\(test)`") }
                #expect(isThere, "there is no test `\(test)`")
            }
        }
        let sources = Repository.swift.filter(\.file.isSource).flatMap(\.lines)
        let headers = try Regex(#""(relay-[a-z]+(-[a-z]+)*)""#)
        let written = Set(
            sources.flatMap { line in line.matches(of: headers).map { line[$0.range].dropFirst().dropLast() } }
        )
        for name in written.sorted() { #expect(named.contains(name), "SECURITY.md does not name \(name)") }
    }

    @Test
    func `the file map of ARCHITECTURE names every folder`() {
        let map = Repository.text("ARCHITECTURE.md")
        let folders = Repository.paths.filter { path in
            let depth = path.split(separator: "/").count
            let isNested = ["Sources/", "Tests/", "Examples/"].contains(where: path.hasPrefix)
            return path.hasSuffix("/") && !path.hasPrefix(".") && depth == (isNested ? min(depth, 2) : 1)
        }
        for folder in folders where !map.contains("`\(folder)`") {
            Issue.record("ARCHITECTURE.md does not name \(folder)")
        }
    }

    @Test
    func `every file that a document names in code type exists`() throws {
        let folders = "Sources|Tests|Benchmarks|Examples|deploy|docs|schemas|\\.ci"
        for document in Self.documents {
            let mention = try Regex("`((\(folders))/[A-Za-z0-9_+./-]+)`")
            for match in document.text.matches(of: mention) {
                let path = String(match.output[1].substring ?? "")
                #expect(Repository.exists(path), "\(document) names \(path)")
            }
        }
    }

    /// The short form of a path: target, folders and file, without the floor.
    @Test
    func `every Swift file that a document names in code type exists`() throws {
        let mention = try Regex(#"`([A-Za-z]+(/[A-Za-z0-9+]+)+\.swift)`"#)
        for document in Self.documents where document.name != "CHANGELOG.md" {
            for match in document.text.matches(of: mention) {
                let path = String(match.output[1].substring ?? "")
                let isThere = Repository.swift.contains { $0.file.path == path || $0.file.path.hasSuffix("/\(path)") }
                #expect(isThere, "\(document) names \(path)")
            }
        }
    }

    /// Who opens the repository reads this one first, and should be able to read it to its end.
    @Test
    func `README is short`() {
        #expect(Repository.text("README.md").utf8.count <= 8_192)
    }

    @Test
    func `every page is in the site's navigation and in README's list`() {
        let navigation = Repository.text("mkdocs.yml")
        let readme = Repository.text("README.md")
        for document in Self.documents where document.path.hasPrefix("docs/") {
            #expect(navigation.contains(": \(document.name)\n"), "\(document) is not in mkdocs.yml")
            #expect(document.name == "index.md" || readme.contains("(\(document))"), "\(document) is not in README")
        }
    }

    @Test
    func `links resolve`() throws {
        for document in Self.documents {
            let link = try Regex(#"\]\(([^)\s]+)\)"#)
            let folder = document.path.split(separator: "/").dropLast().joined(separator: "/")
            for match in document.text.matches(of: link) {
                let target = String(match.output[1].substring ?? "")
                if ["http://", "https://", "mailto:"].contains(where: target.hasPrefix) { continue }
                let parts = target.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
                let path = parts[0].isEmpty ? document.path : (folder.isEmpty ? parts[0] : "\(folder)/\(parts[0])")
                #expect(Repository.exists(path), "\(document) links to \(target)")
                if parts.count == 2 {
                    let anchors = Self.anchors(in: Repository.text(path))
                    #expect(anchors.contains(parts[1]), "\(document) links to \(target)")
                }
            }
        }
    }

    /// The anchors that a forge makes of headings: lower case, spaces to hyphens, other marks dropped.
    private static func anchors(in text: String) -> Set<String> {
        let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }
        return Set(
            headings.map { line in
                let title = line.drop { $0 == "#" || $0 == " " }.lowercased()
                let marks = title.compactMap { mark -> Character? in
                    if mark == " " { return "-" }
                    return mark.isLetter || mark.isNumber || mark == "-" || mark == "_" ? mark : nil
                }
                return String(marks)
            }
        )
    }
}
