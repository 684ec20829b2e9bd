import Foundation
import TestSupport

/// `make bench`: the cost of the HTTP server and of one acknowledged event, against nginx answering the same requests;
/// of one consumed event, against a bare read; and of one replayed event, against a bare loop.
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
            // The edge's run includes the bare server.
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

/// Sets up and takes down what each part of a run needs. Every part has servers of its own.
struct BenchStage {
    let options: BenchOptions
    let folder: TemporaryDirectory
    let load: Load

    func run(_ part: BenchPart, into report: inout Report) async throws {
        switch part {
        case .edge: try await edge(&report)
        case .bare: try await bare(&report)
        case .tls: try await tls(&report)
        case .idle: try await idle(&report)
        case .accepts: try await accepts(&report)
        case .allocations: report.allocations = try await Allocations.measure(load, options)
        case .consumer:
            report.consumers = try await Consumers.measure(options)
            if report.consumers == nil {
                Benchmark.notice("there is no Kafka in KAFKA_HOME: the consumer is not measured")
            }
        case .replay:
            report.replays = try await Replays.measure(options)
            if report.replays == nil {
                Benchmark.notice("there is no Kafka in KAFKA_HOME: the replay is not measured")
            }
        }
    }

    private func edge(_ report: inout Report) async throws {
        guard let edge = try await Edge.start(token: load.token) else {
            Benchmark.notice("there is no Kafka in KAFKA_HOME: only the servers that answer without it are measured")
            return try await bare(&report)
        }
        let servers = [try await Nginx.start(folder: folder), try await BareServer.start(), edge.contender]
        let grid = try await keepAlive(servers)
        report.grids.append(grid)
        report.records = Report.Records(inTopic: try await edge.records(), samples: grid.samples)
        await stop(servers)
    }

    private func bare(_ report: inout Report) async throws {
        let servers = [try await Nginx.start(folder: folder), try await BareServer.start()]
        report.grids.append(try await keepAlive(servers))
        await stop(servers)
    }

    private func keepAlive(_ servers: [Contender]) async throws -> Grid {
        try await Grid.measure(
            "deliveries on kept connections",
            servers,
            load,
            connections: options.connections,
            options: options
        )
    }

    private func tls(_ report: inout Report) async throws {
        let (servers, agreement) = try await secureServers()
        report.grids.append(
            try await Grid.measure(
                "deliveries on kept connections with \(agreement), a P-256 certificate",
                servers,
                load,
                connections: options.connections,
                options: options
            )
        )
        await stop(servers)
    }

    /// Both with one certificate; nginx gets the cipher that our server negotiates with OpenSSL's client.
    private func secureServers() async throws -> ([Contender], agreement: String) {
        let certificate = try await Certificate.make(in: folder)
        let own = try await BareServer.start(certificate: certificate)
        let (version, cipher) = try await Certificate.agreement(onPort: own.port)
        let nginx = try await Nginx.start(
            folder: folder,
            secure: Nginx.Secure(certificate: certificate, cipher: cipher)
        )
        let other = try await Certificate.agreement(onPort: nginx.port)
        guard other == (version, cipher) else {
            throw BenchmarkFailure(description: "nginx agrees on \(other), ours on \(version), \(cipher)")
        }
        return ([nginx, own], "\(version), \(cipher)")
    }

    private func idle(_ report: inout Report) async throws {
        let servers = [try await Nginx.start(folder: folder), try await BareServer.start()]
        let (secure, _) = try await secureServers()
        report.idle = try await Idle.measure(servers + secure, load, options)
        await stop(servers + secure)
    }

    private func accepts(_ report: inout Report) async throws {
        let servers = [try await Nginx.start(folder: folder), try await BareServer.start()]
        report.grids.append(
            try await Grid.measure(
                "a connection for each request: connect, GET with Connection: close, answer, close",
                servers,
                load,
                .connections,
                connections: [options.connections.last ?? 64],
                options: options
            )
        )
        await stop(servers)
    }

    private func stop(_ servers: [Contender]) async {
        for server in servers { await server.stop() }
    }
}

/// How long the program takes to build for release when nothing has been built before.
enum ColdBuild {
    static func seconds(folder: TemporaryDirectory) async throws -> Double {
        Benchmark.notice("cold release build")
        let clock = ContinuousClock()
        let start = clock.now
        let build = try ChildProcess(
            "swift",
            ["build", "-c", "release", "--product", "notion-relay", "--scratch-path", folder.file("cold")],
            environment: ProcessInfo.processInfo.environment
        )
        guard await build.exitStatus() == .exited(0) else {
            throw BenchmarkFailure(description: "the release build failed: \(build.output.tail())")
        }
        return (clock.now - start).seconds
    }
}
