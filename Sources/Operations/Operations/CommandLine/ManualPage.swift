package enum ManualPage {
    package static var text: String {
        """
        .TH NOTION\\-RELAY 1 "" "notion\\-relay \(Version.text)" "User Commands"
        .nh
        .ad l
        .SH NAME
        notion\\-relay \\- carry Notion's webhooks into Apache Kafka
        .SH SYNOPSIS
        .B notion\\-relay
        .I COMMAND
        .RB [ \\-\\-flag
        .IR value ]...
        .SH DESCRIPTION
        \(description.map(escaped).joined(separator: "\n.PP\n"))
        .SH COMMANDS
        \(Command.allCases.map { entry($0.rawValue, $0.sentence) }.joined(separator: "\n"))
        .SH OPTIONS
        \(SettingsGroup.all.map(section).joined(separator: "\n"))
        .SH ENVIRONMENT
        \(escaped(environment))
        .SH FILES
        \(escaped(files))
        .SH EXIT STATUS
        \(statuses.map { entry($0.0, $0.1) }.joined(separator: "\n"))
        .SH EXAMPLES
        \(examples)
        .SH SEE ALSO
        .BR kcat (1),
        .BR systemd.service (5)
        """
    }

    private static let description = [
        "notion-relay receives Notion's webhooks over HTTP, verifies their signatures and publishes them to a topic of "
            + "Apache Kafka. A delivery is answered 200 only after Kafka has acknowledged its record. Other commands "
            + "show, forward, redrive and replay what the topic holds.",
        "A setting comes from its flag, else from its environment variable, else from the YAML file that --config "
            + "names, else from its default. Durations are written 500ms, 8s, 2m or 1h, sizes 1000, 64KiB or 1MiB. "
            + "Data goes to stdout, notices and the log to stderr.",
    ]

    private static let environment =
        "Each option under OPTIONS is listed with the variable that sets it: NOTION_RELAY_ and the name in capitals. A "
        + "secret is in its variable, or in the file that the variable with _FILE at its end names. A variable that "
        + "begins with NOTION_RELAY_ and names no setting is an error. NO_COLOR turns off colours."

    private static let files =
        "The file that --config or NOTION_RELAY_CONFIG names is YAML; each option is listed with its path there. "
        + "Certificates, and files of secrets, are read again when they change. There is no file that is read unasked."

    private static let statuses = [
        ("0", "Everything that was asked for was done."),
        ("1", "It was tried and failed."),
        ("2", "The command line or a setting is wrong; nothing was tried."),
    ]

    private static var examples: String {
        Command.allCases.flatMap { command in
            command.examples.prefix(1).map { ".PP\n\(escaped(command.sentence))\n.PP\n.EX\n    \(escaped($0))\n.EE" }
        }.joined(separator: "\n")
    }

    private static func section(_ group: SettingsGroup) -> String {
        let entries = group.settings.map { setting in
            let names = setting.otherNames.map { $0.replacing("yaml: ", with: "in YAML ") }
            let facts = [setting.isRequired ? "required" : "default: \(setting.defaultColumn)", setting.rangeColumn]
            let commands = group.commands(of: setting).map { "\n.br\nCommands: \(escaped($0))." } ?? ""
            let alias = setting.alias.map { ["in \($0.command.rawValue) also \($0.flag), \($0.environment)"] } ?? []
            let known = (facts.compactMap(\.self) + names + alias).joined(separator: "; ")
            return entry(setting.term, setting.sentence) + "\n.br\n\(escaped("[\(known)]"))" + commands
        }
        return ".SS \(escaped(group.title))\n" + entries.joined(separator: "\n")
    }

    private static func entry(_ term: String, _ text: String) -> String {
        ".TP\n.B \"\(escaped(term))\"\n\(escaped(text))"
    }

    /// A text on one line that troff reads as it stands.
    private static func escaped(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": line += "\\e"
            case "-": line += "\\-"
            case "\"": line += "\\(dq"
            case "'" where line.isEmpty, "." where line.isEmpty: line += "\\&" + String(scalar)
            case "'": line += "\\(aq"
            case "`": line += "\\(ga"
            case "^": line += "\\(ha"
            case "~": line += "\\(ti"
            case _ where scalar.isASCII: line.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                line += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
            }
        }
        return line
    }
}
