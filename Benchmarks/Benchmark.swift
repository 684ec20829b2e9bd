import Foundation
import TestSupport

/// `make bench`: what one acknowledged event costs at the edge, measured against nginx answering the same requests.
@main
enum Benchmark {
    static func main() async {
        var arguments = Array(CommandLine.arguments.dropFirst())
        do {
            if arguments.first == "serve-bare" {
                arguments.removeFirst()
                try BareServer.run(port: arguments.first ?? "")
            } else if arguments.contains("--help") {
                print(BenchOptions.help)
            } else {
                try await run(BenchOptions(arguments))
            }
        } catch {
            FileHandle.standardError.write(Data("relay-bench: \(error)\n".utf8))
            exit(error is BenchOptions.UsageError ? 2 : 1)
        }
    }

    private static func run(_ options: BenchOptions) async throws {
        let versions = try await Versions.found()
        let folder = try TemporaryDirectory("bench")
        let load = try Load(options, folder: folder)
        var contenders = [try await Nginx.start(folder: folder), try await BareServer.start()]
        let edge = try await Edge.start(token: load.token)
        if let edge {
            contenders.append(edge.contender)
        } else {
            notice("there is no Kafka in KAFKA_HOME: only the servers that answer without it are measured")
        }

        var samples: [Sample] = []
        for round in 1...options.rounds {
            for connections in options.connections {
                for contender in contenders {
                    notice("round \(round) of \(options.rounds): \(contender.name), \(connections) connections")
                    samples.append(try await load.measure(contender, connections: connections, round: round))
                }
            }
        }
        let records = try await edge?.records()
        for contender in contenders { contender.child.signal(SIGTERM) }
        let build = options.coldBuild ? try await ColdBuild.seconds(folder: folder) : nil
        let report = Report(
            options: options,
            versions: versions,
            samples: samples,
            edge: records.map { Report.Records(inTopic: $0, samples: samples) },
            coldBuildSeconds: build
        )
        print(report.table)
        if let path = options.jsonPath { try report.json().write(to: URL(fileURLWithPath: path)) }
    }

    static func notice(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}
