/// Settings that a document shows together: of every command, of several groups of commands, or of one group.
struct SettingsGroup {
    let title: String
    let commands: [Command]
    let settings: [SettingRow]

    // Limit: a setting of more groups than this is listed among the shared ones; of fewer, in the first of them.
    private static let ownersMax = 3

    static let all: [SettingsGroup] = {
        var everywhere: [SettingRow] = []
        var shared: [SettingRow] = []
        var owned: [String: [SettingRow]] = [:]
        for setting in SettingsTable.all {
            let owners = Command.groupNames.filter { name in setting.commands.contains { $0.groupName == name } }
            if owners.count == Command.groupNames.count {
                everywhere.append(setting)
            } else if owners.count > ownersMax {
                shared.append(setting)
            } else {
                owned[owners[0], default: []].append(setting)
            }
        }
        let groups = Command.groupNames.compactMap { name in owned[name].map { of(name, $0) } }
        return [
            SettingsGroup(
                title: "Every command",
                commands: Command.allCases.filter(\.hasSettings),
                settings: everywhere
            ),
            SettingsGroup(title: "Several commands", commands: [], settings: shared),
        ] + groups
    }()

    private static func of(_ name: String, _ settings: [SettingRow]) -> SettingsGroup {
        let commands = Command.allCases.filter { command in
            command.groupName == name && settings.contains { $0.commands.contains(command) }
        }
        let names = commands.map(\.rawValue)
        let isNamedByGroup = commands.count > 1 && names.allSatisfy { $0.hasPrefix(name + " ") || $0 == name }
        return SettingsGroup(
            title: isNamedByGroup ? name : names.joined(separator: ", "),
            commands: commands,
            settings: settings
        )
    }

    /// The commands that have the setting, where the group's title does not say it.
    func commands(of setting: SettingRow) -> String? {
        guard Set(setting.commands) != Set(commands) else { return nil }
        return Command.allCases.filter(setting.commands.contains).map(\.rawValue).joined(separator: ", ")
    }
}

extension Command {
    /// The first word, which commands on the same things share; `dev` and `demo` run what `receive` runs.
    fileprivate var groupName: String {
        switch self {
        case .dev, .demo: Command.receive.rawValue
        default: rawValue.split(separator: " ").first.map(String.init) ?? rawValue
        }
    }

    fileprivate static let groupNames = allCases.filter(\.hasSettings).map(\.groupName).reduce(into: [String]()) {
        names,
        name in
        if !names.contains(name) { names.append(name) }
    }
}
