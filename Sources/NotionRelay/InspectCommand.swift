import Doctor
import Foundation
import NotionWebhooks
import Operations
import TextOutput
import Timestamps

/// `inspect`: explains a captured body. No broker is needed.
struct InspectCommand {
    // Limit: the largest body that an edge can be told to take.
    private static let bodyBytesMax = 16_777_216

    let context: CommandContext

    /// Fails when an edge would refuse it, or could not decode it.
    func run() throws -> ExitStatus {
        let settings = context.settings
        let inspection = Inspection(
            try body(settings[\.inspect.file]),
            signature: settings[\.inspect.signature],
            tokens: try settings.verificationTokens(),
            key: settings[\.edge.key],
            mode: settings[\.edge.cloudEvents],
            now: Timestamp.now()
        )
        StandardStreams.show(
            isJSON: settings[\.inspect.format] == .json,
            SortedJSON.text(inspection),
            inspection.lines(topic: settings[\.topic])
        )
        return inspection.isAccepted ? .success : .failure
    }

    /// `-` is stdin.
    private func body(_ path: String) throws -> [UInt8] {
        guard let file = path == "-" ? .standardInput : FileHandle(forReadingAtPath: path) else {
            throw UsageError("\(path): cannot be opened")
        }
        var bytes: [UInt8] = []
        do {
            while let part = try file.read(upToCount: 65_536), !part.isEmpty {
                bytes += part
                guard bytes.count <= Self.bodyBytesMax else {
                    throw CommandFailure("\(path): is larger than \(Self.bodyBytesMax) bytes, as no delivery is")
                }
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw UsageError("\(path): cannot be read")
        }
        guard !bytes.isEmpty else { throw CommandFailure("\(path): is empty") }
        return bytes
    }
}
