extension SettingsTable {
    /// What is said anew each time has no place in a file.
    static let inspect: [Setting] = [
        Setting(
            .inspectFile,
            yaml: nil,
            flag: "file",
            scope: "inspect",
            .file,
            isPositional: true,
            "File with the body as it came over the wire; - is stdin.",
            for: [.inspect]
        ),
        Setting(
            .inspectSignature,
            yaml: nil,
            flag: "signature",
            scope: "inspect",
            .string,
            note: "not checked",
            "Value of the header X-Notion-Signature that came with it.",
            for: [.inspect]
        ),
        Setting(
            .inspectFormat,
            yaml: nil,
            flag: "format",
            scope: "inspect",
            .choice(["text", "json"]),
            default: "text",
            "Form of the output.",
            for: [.inspect]
        ),
    ]
}
