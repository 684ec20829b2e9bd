import TestSupport

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

    /// Both with one certificate; nginx is given the cipher that ours agrees on with OpenSSL's client.
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
