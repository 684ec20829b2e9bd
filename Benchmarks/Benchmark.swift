import Foundation
import TestSupport

/// `make bench`: what the front door and one acknowledged event cost, measured against nginx answering the same
/// requests; what one consumed event costs, measured against a bare read; and what one replayed event costs, measured
/// against a bare loop.
@main
enum Benchmark {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            switch arguments.first {
            case "serve-bare": try BareServer.run(Array(arguments.dropFirst()))
            case "hold-idle": try IdleHolder.run(Array(arguments.dropFirst()))
            case "consume-bare": try await BareReader.run(Array(arguments.dropFirst()))
            case "consume-keyed": try await KeyedReader.run(Array(arguments.dropFirst()))
            case "replay-loop": try BareLoop.run(Array(arguments.dropFirst()))
            case "replay-own": try await OwnReplay.run(Array(arguments.dropFirst()))
            case _ where arguments.contains("--help"): print(BenchOptions.help)
            default: try await run(BenchOptions(arguments))
            }
        } catch {
            FileHandle.standardError.write(Data("relay-bench: \(error)\n".utf8))
            exit(error is BenchOptions.UsageError ? 2 : 1)
        }
    }

    private static func run(_ options: BenchOptions) async throws {
        let versions = try await Versions.found()
        let folder = try TemporaryDirectory("bench")
        let stage = BenchStage(options: options, folder: folder, load: try Load(options, folder: folder))
        var report = Report(options: options, versions: versions)
        for part in BenchPart.allCases where options.parts.contains(part) {
            // The edge's run has the bare server in it.
            if part == .bare, options.parts.contains(.edge) { continue }
            try await stage.run(part, into: &report)
        }
        report.coldBuildSeconds = options.buildsCold ? try await ColdBuild.seconds(folder: folder) : nil
        print(report.table)
        if let path = options.jsonPath { try report.json().write(to: URL(fileURLWithPath: path)) }
    }

    /// This program again, as a process of its own.
    static func child(_ arguments: [String]) throws -> ChildProcess {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return try ChildProcess(own, arguments, environment: ProcessInfo.processInfo.environment)
    }

    static func notice(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}
