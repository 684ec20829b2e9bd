/// A text that no log line, error, dump or console shows: only `revealed()` gives it away.
///
/// It has no conversion to a log value or a metric label, so printing one by accident shows the placeholder.
package struct Secret: Sendable, Equatable {
    package static let placeholder = "<redacted>"

    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The secret itself, for the code that verifies or signs with it.
    package func revealed() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.placeholder }
    package var debugDescription: String { Self.placeholder }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

/// Secrets of one file, as a setting that names a file or a folder of files has them. They can be read again while the
/// program runs: that is how a mounted secret changes.
package struct SecretFile: Sendable, Equatable {
    // Limit: of a folder; sixteen secrets in one file is the limit of a setting.
    package static let filesMax = 64

    /// The file's name in its folder; nil when the setting names the file itself.
    package let name: String?
    package let secrets: [Secret]

    /// Reads a file, or each file of a folder. An empty folder is refused as an empty file is.
    package static func read(_ path: String) throws(ValueRefusal) -> [SecretFile] {
        guard let names = try names(in: path) else { return [try file(path, name: nil)] }
        var files: [SecretFile] = []
        for name in names { files.append(try file("\(path)/\(name)", name: name)) }
        guard !files.isEmpty else { throw ValueRefusal(reason: "names a folder without files") }
        return files
    }

    private static func names(in path: String) throws(ValueRefusal) -> [String]? {
        do throws(SettingsFile.Refusal) {
            return try SettingsFile.names(in: path, countMax: filesMax)
        } catch {
            throw ValueRefusal(reason: "names a file that \(error.reason)")
        }
    }

    private static func file(_ path: String, name: String?) throws(ValueRefusal) -> SecretFile {
        let place = name.map { " (file \(SettingLayer.printable($0)))" } ?? ""
        do throws(SettingsFile.Refusal) {
            let text = try SettingsFile.readText(path, bytesMax: Settings.secretFileBytesMax)
            return SecretFile(name: name, secrets: try secrets(text))
        } catch {
            throw ValueRefusal(reason: "names a file that \(error.reason)\(place)")
        }
    }

    private static func secrets(_ text: String) throws(SettingsFile.Refusal) -> [Secret] {
        do throws(ValueRefusal) {
            guard case .secrets(let secrets) = try SettingType.secrets.parse(text) else { return [] }
            return secrets
        } catch {
            throw SettingsFile.Refusal(reason: error.reason)
        }
    }
}
