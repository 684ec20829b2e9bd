import Foundation
import HTTPServer
import Kafka
import Operations
import OrderedConsumer
import RecordOutput
import Replayer

@main
enum NotionRelay {
    static func main() async {
        StandardStream.prepare()
        let status = await run(Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)
        exit(StandardStreams.end(status).rawValue)
    }

    private static func run(_ words: [String], _ environment: [String: String]) async -> ExitStatus {
        var context: CommandContext?
        do {
            switch try Invocation.parse(words) {
            case .help(let command, let isComplete):
                StandardStreams.data(Help.text(command: command, all: isComplete))
                return .success
            case .completions(let shell):
                StandardStreams.data(Completions.script(for: shell))
                return .success
            case .manualPage:
                StandardStreams.data(ManualPage.text)
                return .success
            case .version:
                StandardStreams.data("notion-relay \(Version.text) (librdkafka \(LibraryVersion.current))")
                return .success
            case .run(let command, let subject, let arguments):
                let settings = try Settings.resolve(
                    command: command,
                    subject: subject,
                    arguments: arguments,
                    environment: environment,
                    isComplete: command != .configPrint
                )
                let new = CommandContext(settings: settings, log: Log(settings))
                context = new
                return try await run(command, new)
            }
        } catch {
            return refuse(error, context)
        }
    }

    private static func run(_ command: Command, _ context: CommandContext) async throws -> ExitStatus {
        try LibraryVersion.check()
        // Before anything is started; `doctor` has a finding for it.
        let isIncomplete = command == .configPrint && !context.settings.isSet(\.kafka)
        let hasClient = !isIncomplete && context.settings.settings.contains { $0.type == .options }
        if hasClient, command != .doctor { try context.client.check() }
        switch command {
        case .receive: return try await ReceiveCommand(context: context).run()
        case .topicsPlan: return try await TopicsCommand(context: context).plan()
        case .topicsApply: return try await TopicsCommand(context: context).apply()
        case .tail: return try await TailCommand(context).run()
        case .forward: return try await ForwardCommand(context: context).run()
        case .redrive: return try await RedriveCommand(context: context).run()
        case .replay: return try await ReplayCommand(context: context).run()
        case .groups: return try await GroupsCommand(context: context).run()
        case .groupsPause: return try await GroupPauseCommand(context: context).pause()
        case .groupsResume: return try await GroupPauseCommand(context: context).resume()
        case .subscriptionKeygen: return try SubscriptionCommand.keygen()
        case .subscriptionPending: return try await SubscriptionCommand(context: context).pending()
        case .subscriptionList: return try await SubscriptionCommand(context: context).list()
        case .subscriptionActivate: return try await SubscriptionCommand(context: context).activate()
        case .subscriptionRetire: return try await SubscriptionCommand(context: context).retire()
        case .subscriptionImport: return try await SubscriptionCommand(context: context).importTokens()
        case .simulateDeliver: return try await SimulateCommand(context: context).deliver()
        case .simulateCheck: return try await SimulateCommand(context: context).check()
        case .configPrint:
            let settings = context.settings
            StandardStreams.data(
                settings[\.configFormat] == .json ? ConfigPrint.json(settings) : ConfigPrint.text(settings)
            )
        case .configValidate:
            context.warnOfTokens()
            StandardStreams.data("the settings of notion-relay \(context.settings.command.rawValue) are good")
        case .inspect: return try InspectCommand(context: context).run()
        case .doctor: return try await DoctorCommand(context: context).run()
        case .dev: return try await DevCommand(context: context).run()
        case .demo: return try await DemoCommand(context: context).run()
        case .completions, .man: preconditionFailure("Both are answered before settings are read.")
        }
        return .success
    }

    private static func refuse(_ error: any Error, _ context: CommandContext?) -> ExitStatus {
        // Told at the end, as for every command.
        guard !(error is OutputFailure) else { return .failure }
        let isUsage =
            error is UsageError || error is SettingsError || error is TLSError || error is WindowError
            || error is RecordFilterError || isWrongName(error) || (error as? KafkaError)?.isAboutSettings == true
        let words = (error as? KafkaError)?.text(for: context)
        for line in (words ?? "\(error)").split(separator: "\n") { StandardStreams.notice("notion-relay: \(line)") }
        return isUsage ? .usage : .failure
    }

    /// An invalid topic name is wrong usage; a topic that does not exist is a failure.
    private static func isWrongName(_ error: any Error) -> Bool {
        switch error as? GroupTopicsError {
        case nil, .missing: false
        case .topic, .group, .tooLong: true
        }
    }
}
