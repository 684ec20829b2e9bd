import Foundation

/// The service of `webhook_service.py`, in a process of its own.
package struct WebhookService: Sendable {
    /// What it reports of one request.
    package struct Seen: Decodable, Sendable {
        package let id: String?
        package let type: String?
        package let subject: String?
        package let bytes: Int
        package let verified: Bool
        package let status: Int

        enum CodingKeys: String, CodingKey {
            case id
            case type = "ce-type"
            case subject = "ce-subject"
            case bytes
            case verified
            case status
        }
    }

    private struct Start: Decodable {
        let port: Int
    }

    package struct Failure: Error {
        let reason: String
    }

    package let port: Int
    private let process: ChildProcess

    package init(secrets: [String], options: [String] = []) async throws {
        guard let python = TestPython.path else { throw Failure(reason: "no Python") }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "webhook_service.py")
        process = try ChildProcess(python, ["-I", script.path] + options + secrets, environment: [:])
        let line = try await process.output.waitForLine(containing: "port")
        port = try JSONDecoder().decode(Start.self, from: Data(line.utf8)).port
    }

    package func url(_ path: String = "/events") -> String { "http://127.0.0.1:\(port)\(path)" }

    /// The requests so far. A line is written before its answer is sent, but travels another way.
    package func seen(_ count: Int) async throws -> [Seen] {
        var lines: [Seen] = []
        for index in 0..<count {
            let line = try await process.output.waitForLine(containing: "verified", from: index + 1)
            lines.append(try JSONDecoder().decode(Seen.self, from: Data(line.utf8)))
        }
        return lines
    }

    package func stop() async {
        process.signal(SIGKILL)
        _ = await process.exitStatus()
    }
}
