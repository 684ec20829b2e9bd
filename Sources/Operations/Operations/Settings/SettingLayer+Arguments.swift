extension SettingLayer {
    /// Reads `--flag value`, `--flag=value`, and what may stand without its flag. No message repeats what stands in the
    /// place of a value.
    init(arguments: [String], settings: [Setting], command: Command) {
        self.init()
        let byFlag = Dictionary(settings.map { ($0.flag, $0) }) { first, _ in first }
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
                take(parts[1], setting)
            } else if setting.type == .boolean {
                take("true", setting)
            } else if index < arguments.count, !arguments[index].hasPrefix("--") {
                take(arguments[index], setting)
                index += 1
            } else {
                problems.append("\(setting.flag) needs a value: \(setting.type.allowed)")
            }
        }
    }

    private mutating func take(_ text: String, _ setting: Setting) {
        let source = SettingSource.flag(name: setting.flag)
        if setting.type == .options {
            takeOption(text, source)
        } else if var earlier = candidates[setting.key] {
            guard setting.type.isRepeatable else {
                problems.append("\(setting.flag) is given twice")
                return
            }
            earlier.texts.append(text)
            candidates[setting.key] = earlier
        } else {
            candidates[setting.key] = Candidate([text], source, setting.flagNamesFile ? .file : .value)
        }
    }

    private mutating func takePositional(_ text: String, _ setting: Setting) {
        guard candidates[setting.key] == nil else {
            problems.append("\(setting.placeholder) is given twice: once without \(setting.flag)")
            return
        }
        candidates[setting.key] = Candidate([text], .flag(name: setting.placeholder))
    }

    private static func stray(_ number: Int, _ command: Command, _ positionals: [Setting]) -> String {
        guard !positionals.isEmpty else {
            return "argument \(number) of \(command.rawValue) is not a flag; settings are --flag value"
        }
        let names = positionals.map(\.placeholder).joined(separator: " ")
        return "argument \(number) of \(command.rawValue) is one too many: it takes \(names), then --flag value"
    }

    private mutating func takeOption(_ text: String, _ source: SettingSource) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, KafkaOption.isName(parts[0]) else {
            problems.append("\(source): expected NAME=VALUE with one of librdkafka's names")
            return
        }
        guard options[parts[0]] == nil else {
            problems.append("\(source): \(parts[0]) is given twice")
            return
        }
        options[parts[0]] = Candidate([parts[1]], .flag(name: "\(source) \(parts[0])"))
    }

    private static func unknown(flag: String, known: [String], _ command: Command) -> String {
        let name = printable(flag)
        let owners = SettingsTable.all.filter { $0.flag == flag }.flatMap(\.commands).map(\.rawValue)
        guard owners.isEmpty else {
            return "\(name) is not a flag of \(command.rawValue), but of: \(owners.joined(separator: ", "))"
        }
        return "\(name) is not a flag of \(command.rawValue)" + Suggestion.text(for: flag, among: known)
    }

    /// A text from outside, short and without control characters.
    static func printable(_ text: String, lengthMax: Int = 80) -> String {
        let short = text.unicodeScalars.prefix(lengthMax).map { $0.value >= 0x20 && $0.value != 0x7F ? $0 : "?" }
        return String(String.UnicodeScalarView(short))
    }
}
