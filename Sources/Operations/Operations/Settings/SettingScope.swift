/// Settings that share a beginning: of their environment names and, where a file may hold them, of their YAML paths.
enum SettingScope: String {
    case consumer, doctor, forward, redrive, replay, simulate, tail

    /// The commands that have all of them.
    var commands: [Command] {
        switch self {
        case .consumer, .forward: [.forward]
        case .doctor: [.doctor]
        case .redrive: [.redrive]
        case .replay: [.replay]
        case .simulate: [.simulateDeliver]
        case .tail: [.tail]
        }
    }

    /// What is said anew each time has no place in a file.
    var isInFile: Bool { self != .redrive && self != .replay && self != .doctor }
}

extension Setting {
    /// A setting of a scope: its names follow from the flag.
    static func scoped(
        _ scope: SettingScope,
        _ key: SettingKey,
        _ flag: String,
        _ type: SettingType,
        default defaultText: String? = nil,
        note: String = "",
        isRequired: Bool = false,
        _ sentence: String
    ) -> Setting {
        Setting(
            key,
            yaml: scope.isInFile ? "\(scope.rawValue).\(flag.replacing("-", with: "_"))" : nil,
            flag: flag,
            scope: scope.rawValue,
            type,
            default: defaultText,
            note: note,
            isRequired: isRequired,
            sentence,
            for: scope.commands
        )
    }
}
