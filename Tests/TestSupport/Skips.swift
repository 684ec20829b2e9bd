import Foundation
package import Testing

/// Conditions of tests that need more than the package itself. A test that is skipped says why in the test's output,
/// and `make test` counts those lines at its end.
extension Trait where Self == ConditionTrait {
    /// The test starts real brokers.
    package static var needsKafka: Self {
        switch KafkaDistribution.installed {
        case .success: .enabled(if: true)
        case .failure(let why): .disabled("no real Kafka: \(why)")
        }
    }

    /// The test takes minutes: it runs where `NOTION_RELAY_TEST_SOAK=1` is set, as `make soak` does.
    package static var needsTime: Self {
        .enabled(
            if: ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_SOAK"] == "1",
            "takes minutes: run it with `make soak`"
        )
    }

    /// The test runs a program that may be missing.
    package static func needsProgram(_ name: String) -> Self {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let isThere = folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
        return .enabled(if: isThere, "there is no \(name) on PATH")
    }

    /// The test runs Python with packages from PyPI: `packages` names them to who reads that it was skipped.
    package static func needsPython(with packages: String) -> Self {
        .enabled(if: TestPython.path != nil, "there is no Python with \(packages): run it with `make test`")
    }
}

/// Python with the packages that tests compare with or run examples by, in an environment that `make test` sets up.
package enum TestPython {
    /// Where it is; nil without one.
    package static var path: String? {
        ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_PYTHON"].flatMap {
            FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil
        }
    }
}
