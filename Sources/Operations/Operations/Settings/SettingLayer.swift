internal import TextOutput

/// What one source holds for a setting, before it is checked.
struct Candidate {
    enum Form {
        case value
        /// The text is the path of a file that holds the value.
        case file
    }

    var texts: [String]
    let source: SettingSource
    var form = Form.value
}

/// Everything that one source holds: flags, the environment, or the file.
struct SettingLayer {
    /// By the settings' environment names.
    private var candidates: [String: Candidate] = [:]
    /// librdkafka's options by name.
    private(set) var options: [String: Candidate] = [:]
    private(set) var problems: [String] = []

    private init(problems: [String] = []) { self.problems = problems }

    private(set) subscript(_ setting: SettingRow) -> Candidate? {
        get { candidates[setting.environment] }
        set { candidates[setting.environment] = newValue }
    }

    /// `--flag value`, `--flag=value`, and what may stand without its flag. No message repeats what stands for a value.
    init(arguments: [String], settings: [SettingRow], command: Command) {
        self.init()
        let aliases = settings.compactMap { setting in setting.alias(of: command).map { ($0.flag, setting) } }
        let byFlag = Dictionary(settings.map { ($0.flag, $0) } + aliases) { first, _ in first }
        let positionals = settings.filter(\.isPositional)
        var positionalCount = 0
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            guard argument.hasPrefix("--"), argument.utf8.count > 2 else {
                if positionalCount < positionals.count {
                    takePositional(argument, positionals[positionalCount])
                } else {
                    problems.append(Self.stray(index, command, positionals))
                }
                positionalCount += 1
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let setting = byFlag[parts[0]] else {
                problems.append(Self.unknown(flag: parts[0], known: byFlag.keys.sorted() + ["--help"], command))
                // The value of an unknown flag is passed over with it.
                if parts.count == 1, index < arguments.count, !arguments[index].hasPrefix("--") { index += 1 }
                continue
            }
            if parts.count == 2 {
                take(parts[1], setting, parts[0])
            } else if setting.type == .boolean {
                take("true", setting, parts[0])
            } else if index < arguments.count, !arguments[index].hasPrefix("--") {
                take(arguments[index], setting, parts[0])
                index += 1
            } else {
                problems.append("\(parts[0]) needs a value: \(setting.type.allowed)")
            }
        }
    }

    private mutating func take(_ text: String, _ setting: SettingRow, _ flag: String) {
        let source = SettingSource.flag(name: flag)
        if setting.type == .options {
            takeOption(text, source)
        } else if var earlier = self[setting] {
            guard setting.type.isRepeatable else {
                let other = earlier.source.description
                let isOtherFlag = other.hasPrefix("--") && other != flag
                return problems.append(
                    isOtherFlag ? "\(other) and \(flag) are the same setting" : "\(flag) is given twice"
                )
            }
            earlier.texts.append(text)
            self[setting] = earlier
        } else {
            self[setting] = Candidate(texts: [text], source: source, form: setting.flagNamesFile ? .file : .value)
        }
    }

    private mutating func takePositional(_ text: String, _ setting: SettingRow) {
        guard self[setting] == nil else {
            return problems.append("\(setting.placeholder) is given twice: once without \(setting.flag)")
        }
        self[setting] = Candidate(texts: [text], source: .flag(name: setting.placeholder))
    }

    private static func stray(_ number: Int, _ command: Command, _ positionals: [SettingRow]) -> String {
        guard !positionals.isEmpty else {
            return "argument \(number) of \(command.rawValue) is not a flag; settings are --flag value"
        }
        let names = positionals.map(\.placeholder).joined(separator: " ")
        return "argument \(number) of \(command.rawValue) is one too many: it takes \(names), then --flag value"
    }

    private mutating func takeOption(_ text: String, _ source: SettingSource) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, KafkaOption.isName(parts[0]) else {
            return problems.append("\(source): expected NAME=VALUE with one of librdkafka's names")
        }
        guard options[parts[0]] == nil else { return problems.append("\(source): \(parts[0]) is given twice") }
        options[parts[0]] = Candidate(texts: [parts[1]], source: .flag(name: "\(source) \(parts[0])"))
    }

    private static func unknown(flag: String, known: [String], _ command: Command) -> String {
        let name = printable(flag)
        let aliases = SettingsTable.all.compactMap(\.alias).filter { $0.flag == flag }
        let owners = (SettingsTable.all.filter { $0.flag == flag }.flatMap(\.commands) + aliases.map(\.command))
            .map(\.rawValue)
        guard owners.isEmpty else {
            return "\(name) is not a flag of \(command.rawValue), but of: \(owners.joined(separator: ", "))"
        }
        return "\(name) is not a flag of \(command.rawValue)" + Suggestion.text(for: flag, among: known)
    }

    /// A text from outside, short and without harmful characters.
    static func printable(_ text: String, lengthMax: Int = 80) -> String {
        let short = text.unicodeScalars.prefix(lengthMax).map { PlainText.isHarmful($0) ? "?" : $0 }
        return String(String.UnicodeScalarView(short))
    }

    static let prefix = "NOTION_RELAY_"
    private static let optionPrefix = "NOTION_RELAY_KAFKA_OPTION_"

    /// A variable of another command is no mistake: commands often share their environment.
    init(environment: [String: String], settings: [SettingRow], command: Command) {
        self.init()
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Self.prefix) {
            if Self.isForeign(name, text) { continue }
            if name.hasPrefix(Self.optionPrefix) {
                if settings.contains(where: { $0.type == .options }) { takeOption(name, text) }
            } else {
                take(name, text, settings, command)
            }
        }
    }

    private mutating func take(_ name: String, _ text: String, _ settings: [SettingRow], _ command: Command) {
        func isNamed(_ setting: SettingRow) -> Bool {
            setting.type != .options && (setting.environmentForValue == name || setting.environmentForFile == name)
        }
        if let setting = settings.first(where: { $0.alias(of: command)?.environment == name }) {
            self[setting] = Candidate(texts: [text], source: .environment(name: name))
            return
        }
        guard let setting = settings.first(where: isNamed) else {
            if !SettingsTable.all.contains(where: { isNamed($0) || $0.alias?.environment == name }) {
                problems.append(Self.unknown(variable: name))
            }
            return
        }
        // A command's own variable wins over the one that all commands share.
        if let alias = setting.alias(of: command), self[setting]?.source == .environment(name: alias.environment) {
            return
        }
        guard self[setting] == nil else {
            let names = [setting.environmentForValue, setting.environmentForFile].compactMap { $0 }
            return problems.append("\(names.joined(separator: " and ")) are both set; only one may be")
        }
        let form: Candidate.Form = name == setting.environmentForFile ? .file : .value
        self[setting] = Candidate(texts: [text], source: .environment(name: name), form: form)
    }

    private mutating func takeOption(_ variable: String, _ text: String) {
        var suffix = variable.dropFirst(Self.optionPrefix.count)
        var form = Candidate.Form.value
        if suffix.hasSuffix("_FILE") {
            suffix = suffix.dropLast(5)
            form = .file
        }
        let name = KafkaOption.name(ofVariable: suffix)
        guard KafkaOption.isName(name) else {
            let place = Self.printable(variable)
            return problems.append("\(place): what follows \(Self.optionPrefix) is not a librdkafka name")
        }
        guard options[name] == nil else { return problems.append("\(variable): \(name) is given twice") }
        options[name] = Candidate(texts: [text], source: .environment(name: variable), form: form)
    }

    /// Variables that others set: the tests, and Kubernetes, which describes every service of a namespace to every pod
    /// (a service called notion-relay becomes NOTION_RELAY_SERVICE_HOST, NOTION_RELAY_PORT_8080_TCP and more).
    private static func isForeign(_ name: String, _ text: String) -> Bool {
        name == "NOTION_RELAY_BINARY" || name.hasPrefix("NOTION_RELAY_TEST_") || name.hasSuffix("_SERVICE_HOST")
            || name.hasSuffix("_SERVICE_PORT") || name.contains("_SERVICE_PORT_")
            || name.hasSuffix("_PORT") && text.contains("://") || name.contains(/_PORT_[0-9]+_(TCP|UDP|SCTP)/)
    }

    private static func unknown(variable name: String) -> String {
        if name == "NOTION_RELAY_KAFKA_OPTION" {
            return "\(name) is not a setting; write NOTION_RELAY_KAFKA_OPTION_SASL_MECHANISM for sasl.mechanism"
        }
        let known = SettingsTable.all.flatMap {
            [$0.environmentForValue, $0.environmentForFile, $0.alias?.environment].compactMap(\.self)
        }
        return "\(printable(name)) is not a setting" + Suggestion.text(for: name, among: known)
    }

    /// Reads a configuration file. Settings of other commands may stand in it.
    init(file path: String, settings: [SettingRow]) {
        let bytes: [UInt8]
        do throws(ValueRefusal) {
            bytes = try SettingsFile.read(path, bytesMax: YAMLDocument.bytesMax)
        } catch {
            self.init(problems: ["\(SettingLayer.printable(path)) \(error.reason)"])
            return
        }
        self.init(yaml: bytes, path: path, settings: settings)
    }

    init(yaml bytes: [UInt8], path: String, settings: [SettingRow]) {
        self.init()
        do throws(YAMLDocument.Refusal) {
            for entry in try YAMLDocument(bytes).entries { take(entry, path, settings) }
        } catch {
            problems.append("\(path):\(error.line): \(error.reason)")
        }
    }

    private mutating func take(_ entry: YAMLDocument.Entry, _ path: String, _ settings: [SettingRow]) {
        let source = SettingSource.file(path: path, line: entry.line)
        func isNamed(_ setting: SettingRow) -> Bool { setting.yaml == entry.path || setting.yamlForFile == entry.path }
        if case .nothing = entry.value, Self.isSection(entry.path) { return }
        if entry.path.hasPrefix("kafka.options.") {
            if settings.contains(where: { $0.type == .options }) { takeOption(entry, source) }
            return
        }
        guard let setting = settings.first(where: isNamed) else {
            if !SettingsTable.all.contains(where: isNamed) {
                problems.append("\(source): " + Self.unknown(path: entry.path))
            }
            return
        }
        guard setting.type != .options else {
            return problems.append("\(source): \(entry.path) is a mapping of librdkafka's names to values")
        }
        switch entry.value {
        case .nothing: problems.append("\(source): \(entry.path) has no value; allowed: \(setting.type.allowed)")
        case .list where setting.type != .hosts && setting.type != .secrets:
            problems.append("\(source): \(entry.path) is one value, not a list")
        case .list(let items): add(items, entry, setting, source)
        case .text(let text): add([text], entry, setting, source)
        }
    }

    private mutating func add(
        _ texts: [String],
        _ entry: YAMLDocument.Entry,
        _ setting: SettingRow,
        _ source: SettingSource
    ) {
        let form: Candidate.Form = entry.path == setting.yamlForFile ? .file : .value
        guard self[setting] == nil else {
            return problems.append("\(source): \(setting.yaml ?? "") and its _file are both set; only one may be")
        }
        guard form == .value || texts.count == 1 else {
            return problems.append("\(source): \(entry.path) is one value, not a list")
        }
        self[setting] = Candidate(texts: texts, source: source, form: form)
    }

    private mutating func takeOption(_ entry: YAMLDocument.Entry, _ source: SettingSource) {
        let name = String(entry.path.dropFirst("kafka.options.".count))
        guard KafkaOption.isName(name), case .text(let text) = entry.value else {
            return problems.append("\(source): kafka.options holds librdkafka's names, each with one value")
        }
        options[name] = Candidate(texts: [text], source: source)
    }

    /// Whether the path only groups settings, so that nothing under it is no mistake.
    private static func isSection(_ path: String) -> Bool {
        path == "kafka.options" || SettingsTable.all.contains { $0.yaml?.hasPrefix(path + ".") ?? false }
    }

    private static func unknown(path: String) -> String {
        let known = SettingsTable.all.flatMap { [$0.yaml, $0.yamlForFile].compactMap { $0 } }
        return "\(printable(path)) is not a setting" + suggestion(path, known)
    }

    /// A name is often right and only its section missing: `loop_deadline` is compared with the last parts as well.
    private static func suggestion(_ path: String, _ known: [String]) -> String {
        let direct = Suggestion.text(for: path, among: known)
        guard direct.isEmpty, let last = path.split(separator: ".").last else { return direct }
        let match = known.first { $0.split(separator: ".").last == last }
        return match.map { "; did you mean \($0)?" } ?? ""
    }
}

enum KafkaOption {
    static func isName(_ name: String) -> Bool {
        (1...100).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || [0x2E, 0x5F, 0x2D].contains($0)
            }
    }

    /// `SASL_PASSWORD` of a variable is `sasl.password`.
    static func name(ofVariable suffix: Substring) -> String { suffix.lowercased().replacing("_", with: ".") }
}
