/// It has no conversion to a log value or a metric label, so printing one by accident shows the placeholder.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package static let placeholder = "<redacted>"

    private let text: String
    /// Where it stands in a file of several lines.
    package let line: Int

    package init(_ text: String, line: Int = 1) {
        self.text = text
        self.line = line
    }

    package static func == (a: Self, b: Self) -> Bool { a.text == b.text }

    package func revealed() -> String { text }

    package var description: String { Self.placeholder }
    package var debugDescription: String { Self.placeholder }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

/// Of one file, as a setting that names a file or a folder has them. A mounted secret may change, and is read again.
package struct SecretFile: Sendable, Equatable {
    // Limit: of a folder; sixteen secrets in one file is the limit of a setting.
    package static let filesMax = 64

    /// The file's name in its folder; nil when the setting names the file itself.
    package let name: String?
    package let secrets: [Secret]

    /// Reads a file, or each file of a folder. An empty folder is refused as an empty file is.
    package static func read(_ path: String) throws(ValueRefusal) -> [SecretFile] {
        let names = try SettingsFile.ofSetting { () throws(ValueRefusal) in
            try SettingsFile.names(in: path, countMax: filesMax)
        }
        guard let names else { return [try file(path, name: nil)] }
        guard !names.isEmpty else { throw ValueRefusal(reason: "names a folder without files") }
        return try names.map { name throws(ValueRefusal) in try file("\(path)/\(name)", name: name) }
    }

    private static func file(_ path: String, name: String?) throws(ValueRefusal) -> SecretFile {
        let place = name.map { " (file \(SettingLayer.printable($0)))" } ?? ""
        return try SettingsFile.ofSetting(place) { () throws(ValueRefusal) in
            var text = try SettingsFile.readText(path, bytesMax: Settings.secretFileBytesMax)
            // A byte order mark, as some editors write it.
            if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
            guard case .secrets(let secrets) = try SettingType.secrets.parse(text) else {
                preconditionFailure("Secrets are parsed as secrets.")
            }
            return SecretFile(name: name, secrets: secrets)
        }
    }
}
