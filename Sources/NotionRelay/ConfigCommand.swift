import Operations

/// `config print` and `config validate`: settings are resolved before any command runs, so little is left to do.
struct ConfigCommand {
    let context: CommandContext

    func print() -> ExitStatus {
        let isJSON = context.settings[\.configFormat] == .json
        StandardStreams.data(isJSON ? ConfigPrint.json(context.settings) : ConfigPrint.text(context.settings))
        return .success
    }

    func validate() -> ExitStatus {
        StandardStreams.data("the settings of notion-relay \(context.settings.command.rawValue) are good")
        return .success
    }
}
