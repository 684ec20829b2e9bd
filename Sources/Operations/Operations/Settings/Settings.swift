package enum Settings {
    // Limit: sixteen tokens of 512 bytes and some white space.
    static let secretFileBytesMax = 16 * 1024

    /// Flags win over the environment, the environment over the YAML file, the file over the defaults. `subject` is the
    /// command whose settings `config` shows or checks. Unless `isComplete`, a required setting may be missing.
    package static func resolve(
        command: Command,
        subject: Command? = nil,
        arguments: [String],
        environment: [String: String],
        isComplete: Bool = true
    ) throws(SettingsError) -> ResolvedSettings {
        let settings = settings(of: command, subject)
        let flags = SettingLayer(arguments: arguments, settings: settings, command: subject ?? command)
        let variables = SettingLayer(environment: environment, settings: settings, command: subject ?? command)
        var layers = [flags, variables]
        if let path = try configurationPath(flags, variables) {
            layers.append(SettingLayer(file: path, settings: settings))
        }
        var resolution = Resolution(layers: layers)
        for setting in settings { resolution.settle(setting, isComplete: isComplete) }
        resolution.settleOptions()
        let resolved = ResolvedSettings(
            command: subject ?? command,
            settings: settings,
            values: resolution.values,
            options: resolution.options
        )
        var problems = resolution.problems.isEmpty ? SettingsCheck.problems(in: resolved) : resolution.problems
        if problems.isEmpty, isComplete { problems = SettingsCheck.gaps(in: resolved) }
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        return resolved
    }

    /// A command's own settings win where its flags and those of its subject have the same name.
    private static func settings(of command: Command, _ subject: Command?) -> [SettingRow] {
        let own = SettingsTable.settings(of: command)
        guard let subject, subject != command else { return own }
        let flags = Set(own.map(\.flag))
        return own + SettingsTable.settings(of: subject).filter { !flags.contains($0.flag) }
    }

    private static func configurationPath(
        _ flags: SettingLayer,
        _ variables: SettingLayer
    ) throws(SettingsError) -> String? {
        let config = SettingsTable.shared.config.row
        guard let candidate = flags[config] ?? variables[config] else { return nil }
        do throws(ValueRefusal) {
            guard case .text(let path) = try SettingType.file.parse(candidate.texts[0]) else { return nil }
            return path
        } catch {
            let problem = "\(candidate.source): the value \(error.reason); allowed: \(SettingType.file.allowed)"
            throw SettingsError(problems: [problem])
        }
    }
}

private struct Resolution {
    let layers: [SettingLayer]
    var values: [String: ResolvedValue] = [:]
    var options: [String: ResolvedOption] = [:]
    var problems: [String]

    init(layers: [SettingLayer]) {
        self.layers = layers
        problems = layers.flatMap(\.problems)
    }

    mutating func settle(_ setting: SettingRow, isComplete: Bool) {
        guard setting.type != .options else { return }
        let candidate = layers.lazy.compactMap { $0[setting] }.first
        guard let candidate = candidate ?? setting.defaultText.map({ Candidate(texts: [$0], source: .standard) }) else {
            if setting.isRequired, isComplete { problems.append(Self.missing(setting)) }
            return
        }
        do throws(ValueRefusal) {
            guard candidate.form == .file, setting.type == .secrets else {
                let value = try setting.type.parse(text(of: candidate))
                values[setting.environment] = ResolvedValue(value: value, source: candidate.source)
                return
            }
            guard case .text(let path) = try SettingType.file.parse(candidate.texts[0]) else { return }
            let secrets = try SecretFile.read(path).flatMap(\.secrets)
            values[setting.environment] = ResolvedValue(value: .secrets(secrets), source: candidate.source, file: path)
        } catch {
            problems.append(Self.refusal(error, candidate, setting))
        }
    }

    mutating func settleOptions() {
        for layer in layers.reversed() {
            for (name, candidate) in layer.options.sorted(by: { $0.key < $1.key }) {
                if let own = SettingsTable.all.first(where: { $0.replacedOptions.contains(name) }) {
                    problems.append("\(candidate.source): \(name) has a setting of its own, \(own.flag)")
                    continue
                }
                do throws(ValueRefusal) {
                    let text = try text(of: candidate)
                    guard text.utf8.count <= Settings.secretFileBytesMax, !text.utf8.contains(0) else {
                        throw ValueRefusal(reason: "is too long or holds a NUL")
                    }
                    options[name] = ResolvedOption(value: Secret(text), source: candidate.source)
                } catch {
                    problems.append("\(candidate.source): the value of \(name) \(error.reason)")
                }
            }
        }
    }

    private func text(of candidate: Candidate) throws(ValueRefusal) -> String {
        guard candidate.form == .file else { return candidate.texts.joined(separator: ",") }
        guard case .text(let path) = try SettingType.file.parse(candidate.texts[0]) else { return "" }
        return try SettingsFile.ofSetting { () throws(ValueRefusal) in
            SettingType.trimmed(try SettingsFile.readText(path, bytesMax: Settings.secretFileBytesMax))
        }
    }

    private static func refusal(_ refusal: ValueRefusal, _ candidate: Candidate, _ setting: SettingRow) -> String {
        // A value is quoted only where it cannot be a secret: URLs carry passwords, file names are harmless.
        // A fingerprint may be the token itself, pasted by mistake.
        let isHarmless = setting.type != .url && setting.type != .fingerprint
        let isQuotable = !setting.type.isSecret && isHarmless && candidate.form == .value
        let quoted = isQuotable ? " \"\(SettingLayer.printable(candidate.texts.joined(separator: ",")))\"" : ""
        var place = candidate.source.description
        if case .file = candidate.source { place += ": \(setting.yaml ?? setting.flag)" }
        return "\(place): the value\(quoted) \(refusal.reason); allowed: \(setting.type.allowed)"
    }

    private static func missing(_ setting: SettingRow) -> String {
        guard !setting.isPositional else { return "\(setting.placeholder) is missing: it stands behind the command" }
        let yaml = setting.yaml.map { " or \($0) in the configuration file" } ?? ""
        return "\(setting.flag) is required; give the flag, \(setting.environmentForValue)\(yaml)"
    }
}

/// Why the settings were refused: one line a problem, each with its place and what is allowed.
package struct SettingsError: Error, Equatable, CustomStringConvertible {
    package let problems: [String]

    package var description: String { problems.joined(separator: "\n") }
}
