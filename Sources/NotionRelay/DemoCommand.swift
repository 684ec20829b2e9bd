import Operations

struct DemoCommand {
    let context: CommandContext
    func run() async throws -> ExitStatus { .failure }
}
