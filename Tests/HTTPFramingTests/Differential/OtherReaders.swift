import Foundation
import TestSupport

/// h11 and httptools, in a Python process of their own.
final class OtherReaders {
    /// What one of them makes of the first request of a stream.
    struct Verdict: Decodable, Equatable {
        let read: ReadRequest?
        let refused: String?
    }

    private struct Verdicts: Decodable {
        let h11: Verdict
        let httptools: Verdict
    }

    struct Failure: Error {
        let reason: String
    }

    static let names = ["h11", "httptools"]

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    init() throws {
        guard let python = TestPython.path else { throw Failure(reason: "no Python") }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "read_requests.py")
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-I", script.path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The verdicts of both on each stream, in the order of `names`.
    func read(_ streams: [[UInt8]]) throws -> [[Verdict]] {
        // Limit: a pipe holds 64 KiB, so few streams are on their way at once.
        var verdicts: [[Verdict]] = []
        for stream in streams {
            let line = stream.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\n"
            try input.fileHandleForWriting.write(contentsOf: Data(line.utf8))
        }
        let decoder = JSONDecoder()
        while verdicts.count < streams.count {
            let both = try decoder.decode(Verdicts.self, from: try line())
            verdicts.append([both.h11, both.httptools])
        }
        return verdicts
    }

    private func line() throws -> Data {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                defer { unread = Data(unread[(end + 1)...]) }
                return Data(unread[..<end])
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure(reason: "the Python process ended") }
            unread += data
        }
    }
}
