import Foundation

/// A text file of the repository, with its path from the root.
struct RepositoryFile: Sendable, CustomStringConvertible {
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var name: String { String(path.split(separator: "/").last ?? "") }
    /// The numbers of the lines that hold a text. Most files do not hold it at all, and are done at once.
    func lines(containing part: String) -> [Int] {
        guard holds(part) else { return [] }
        return lines.enumerated().filter { $0.element.contains(part) }.map { $0.offset + 1 }
    }

    func holds(_ part: String) -> Bool { text.range(of: part, options: .literal) != nil }

    var isSource: Bool { path.hasPrefix("Sources/") || path.hasPrefix("Examples/") }
    var isTest: Bool { path.hasPrefix("Tests/") }
    var description: String { path }
}

/// The checked-out tree, read once.
enum Repository {
    static let root: URL = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url
    }()

    /// Every path from the root, folders with a slash at the end. Hidden folders are left out, except `.ci`.
    static let paths: [String] = {
        var found: [String] = []
        var waiting = [""]
        while let folder = waiting.popLast() {
            let names = try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
            for name in (names ?? []).sorted() {
                var isFolder: ObjCBool = false
                let path = folder + name
                _ = FileManager.default.fileExists(
                    atPath: root.appendingPathComponent(path).path,
                    isDirectory: &isFolder
                )
                if isFolder.boolValue, name.hasPrefix("."), name != ".ci" { continue }
                found.append(isFolder.boolValue ? path + "/" : path)
                if isFolder.boolValue { waiting.append(path + "/") }
            }
        }
        return found
    }()

    static let files: [RepositoryFile] = paths.compactMap { path in
        guard !path.hasSuffix("/"), path != ".git",
            let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        else { return nil }
        return RepositoryFile(path: path, text: text)
    }

    static let swift: [SwiftSource] = files.filter { $0.path.hasSuffix(".swift") }.map(SwiftSource.init)

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    static func text(_ path: String) -> String { files.first { $0.path == path }?.text ?? "" }
}
