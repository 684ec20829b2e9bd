import Foundation
package import Testing

/// Python with the packages that tests compare with or run examples by, in an environment that `make test` sets up.
package enum TestPython {
    /// Where it is; nil without one.
    package static var path: String? {
        ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_PYTHON"].flatMap {
            FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// The test runs Python with packages from PyPI: `packages` names them to who reads that it was skipped.
    package static func needsPython(with packages: String) -> Self {
        .enabled(if: TestPython.path != nil, "there is no Python with \(packages): run it with `make test`")
    }
}
