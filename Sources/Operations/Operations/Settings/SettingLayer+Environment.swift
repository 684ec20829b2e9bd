extension SettingLayer {
    static let prefix = "NOTION_RELAY_"
    private static let optionPrefix = "NOTION_RELAY_KAFKA_OPTION_"

    /// Reads the variables of this program. One that belongs to another command is no mistake: replicas of all
    /// commands often share their environment.
    init(environment: [String: String], settings: [Setting]) {
        self.init()
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Self.prefix) {
            if Self.isForeign(name, text) { continue }
            if name.hasPrefix(Self.optionPrefix) {
                if settings.contains(where: { $0.type == .options }) { takeOption(name, text) }
            } else {
                take(name, text, settings)
            }
        }
    }

    private mutating func take(_ name: String, _ text: String, _ settings: [Setting]) {
        func isNamed(_ setting: Setting) -> Bool {
            setting.type != .options && (setting.environmentForValue == name || setting.environmentForFile == name)
        }
        guard let setting = settings.first(where: isNamed) else {
            if !SettingsTable.all.contains(where: isNamed) { problems.append(Self.unknown(name)) }
            return
        }
        guard candidates[setting.key] == nil else {
            let names = [setting.environmentForValue, setting.environmentForFile].compactMap { $0 }
            problems.append("\(names.joined(separator: " and ")) are both set; only one may be")
            return
        }
        let form: Candidate.Form = name == setting.environmentForFile ? .file : .value
        candidates[setting.key] = Candidate([text], .environment(name: name), form)
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
            problems.append("\(Self.printable(variable)): what follows \(Self.optionPrefix) is not a librdkafka name")
            return
        }
        guard options[name] == nil else {
            problems.append("\(variable): \(name) is given twice")
            return
        }
        options[name] = Candidate([text], .environment(name: variable), form)
    }

    /// Variables that others set: the tests, and Kubernetes, which describes every service of a namespace to every pod
    /// (a service called notion-relay becomes NOTION_RELAY_SERVICE_HOST, NOTION_RELAY_PORT_8080_TCP and more).
    private static func isForeign(_ name: String, _ text: String) -> Bool {
        if name == "NOTION_RELAY_BINARY" || name.hasPrefix("NOTION_RELAY_TEST_") { return true }
        if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT") { return true }
        if name.contains("_SERVICE_PORT_") { return true }
        if name.hasSuffix("_PORT"), text.contains("://") { return true }
        return name.contains(/_PORT_[0-9]+_(TCP|UDP|SCTP)/)
    }

    private static func unknown(_ name: String) -> String {
        if name == "NOTION_RELAY_KAFKA_OPTION" {
            return "\(name) is not a setting; write NOTION_RELAY_KAFKA_OPTION_SASL_MECHANISM for sasl.mechanism"
        }
        let known = SettingsTable.all.flatMap { [$0.environmentForValue, $0.environmentForFile].compactMap { $0 } }
        return "\(printable(name)) is not a setting" + Suggestion.text(for: name, among: known)
    }
}
