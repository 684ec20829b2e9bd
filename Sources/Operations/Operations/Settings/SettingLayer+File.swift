extension SettingLayer {
    /// Reads a configuration file. Settings of other commands may stand in it.
    init(file path: String, settings: [Setting]) {
        let bytes: [UInt8]
        do throws(SettingsFile.Refusal) {
            bytes = try SettingsFile.read(path, bytesMax: YAMLDocument.bytesMax)
        } catch {
            self.init(problems: ["\(SettingLayer.printable(path)) \(error.reason)"])
            return
        }
        self.init(yaml: bytes, path: path, settings: settings)
    }

    init(yaml bytes: [UInt8], path: String, settings: [Setting]) {
        self.init()
        do throws(YAMLDocument.Refusal) {
            for entry in try YAMLDocument(bytes).entries {
                take(entry, path, settings)
            }
        } catch {
            problems.append("\(path):\(error.line): \(error.reason)")
        }
    }

    private mutating func take(_ entry: YAMLDocument.Entry, _ path: String, _ settings: [Setting]) {
        let source = SettingSource.file(path: path, line: entry.line)
        func isNamed(_ setting: Setting) -> Bool { setting.yaml == entry.path || setting.yamlForFile == entry.path }
        if case .nothing = entry.value, Self.isSection(entry.path) { return }
        if entry.path.hasPrefix("kafka.options.") {
            if settings.contains(where: { $0.type == .options }) { takeOption(entry, source) }
            return
        }
        guard let setting = settings.first(where: isNamed) else {
            if !SettingsTable.all.contains(where: isNamed) { problems.append("\(source): " + Self.unknown(entry.path)) }
            return
        }
        guard setting.type != .options else {
            problems.append("\(source): \(entry.path) is a mapping of librdkafka's names to values")
            return
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
        _ setting: Setting,
        _ source: SettingSource
    ) {
        let form: Candidate.Form = entry.path == setting.yamlForFile ? .file : .value
        guard candidates[setting.key] == nil else {
            problems.append("\(source): \(setting.yaml ?? "") and its _file are both set; only one may be")
            return
        }
        guard form == .value || texts.count == 1 else {
            problems.append("\(source): \(entry.path) is one value, not a list")
            return
        }
        candidates[setting.key] = Candidate(texts, source, form)
    }

    private mutating func takeOption(_ entry: YAMLDocument.Entry, _ source: SettingSource) {
        let name = String(entry.path.dropFirst("kafka.options.".count))
        guard KafkaOption.isName(name), case .text(let text) = entry.value else {
            problems.append("\(source): kafka.options holds librdkafka's names, each with one value")
            return
        }
        options[name] = Candidate([text], source)
    }

    /// Whether the path only groups settings, so that nothing under it is no mistake.
    private static func isSection(_ path: String) -> Bool {
        path == "kafka.options" || SettingsTable.all.contains { $0.yaml?.hasPrefix(path + ".") ?? false }
    }

    private static func unknown(_ path: String) -> String {
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
