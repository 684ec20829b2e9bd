import Foundation
import Operations
import TestSupport
import Testing

/// Secrets in a file, or in a folder of files as Kubernetes mounts them.
@Suite
struct SecretFileTests {
    private func folder(_ files: [String: String]) throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory("secrets")
        for (name, text) in files { try folder.write(text, to: name) }
        return folder
    }

    private func read(_ path: String) -> Result<[String: [String]], ValueRefusal> {
        do throws(ValueRefusal) {
            let files = try SecretFile.read(path)
            return .success(
                Dictionary(uniqueKeysWithValues: files.map { ($0.name ?? "-", $0.secrets.map { $0.revealed() }) })
            )
        } catch {
            return .failure(error)
        }
    }

    @Test
    func `a file has a secret a line, and no name`() throws {
        let folder = try folder(["tokens": "secret_a\n\n  secret_b,secret_c \n"])
        defer { folder.remove() }
        #expect(read(folder.file("tokens")) == .success(["-": ["secret_a", "secret_b", "secret_c"]]))
    }

    @Test
    func `each file of a folder is named by its name, and what Kubernetes hides behind dots is left out`() throws {
        let folder = try folder(["lab": "secret_b\n", ".hidden": "secret_c"])
        defer { folder.remove() }
        let data = folder.file("..2026_11_28")
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: false)
        try Data("secret_a".utf8).write(to: URL(filePath: "\(data)/harbour"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("harbour"),
            withDestinationPath: "..2026_11_28/harbour"
        )
        #expect(read(folder.path) == .success(["harbour": ["secret_a"], "lab": ["secret_b"]]))
    }

    @Test(arguments: [
        (["lab": ""], "names a file that is empty (file lab)"),
        (["lab": "with space"], "names a file that has white space in it (entry 1) (file lab)"),
        (["lab": "a\n\nBearer b"], "names a file that begins with Bearer (line 3) (file lab)"),
        ([:], "names a folder without files"),
        (
            Dictionary(uniqueKeysWithValues: (0..<65).map { ("n\($0)", "secret_a") }),
            "names a file that holds more than 64 files"
        ),
    ])
    func `a folder that cannot be used says which file and why`(files: [String: String], reason: String) throws {
        let folder = try folder(files)
        defer { folder.remove() }
        #expect(read(folder.path) == .failure(ValueRefusal(reason: reason)))
    }

    @Test
    func `a file that is not there, or is a folder in a folder, is refused`() throws {
        let folder = try folder([:])
        defer { folder.remove() }
        let reason = "names a file that cannot be opened: No such file or directory"
        #expect(read(folder.file("missing")) == .failure(ValueRefusal(reason: reason)))
        let inner = folder.file("inner")
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
        let kind = "names a file that is a folder, not a regular file (file inner)"
        #expect(read(folder.path) == .failure(ValueRefusal(reason: kind)))
    }

    /// Nobody writes to the pipe: opening or reading it as a file would wait for ever.
    @Test
    func `a pipe or a device is refused at once`() throws {
        let folder = try folder([:])
        defer { folder.remove() }
        try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
        let refusals = [(folder.file("pipe"), "a pipe"), ("/dev/zero", "a device"), ("/dev/null", "a device")]
        for (path, kind) in refusals {
            let reason = "names a file that is \(kind), not a regular file"
            #expect(read(path) == .failure(ValueRefusal(reason: reason)))
        }
    }
}
