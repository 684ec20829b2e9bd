import Foundation
import TestSupport

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
