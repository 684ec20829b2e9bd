import Testing

@testable import Operations

/// A setting whose value may stand behind the command without its flag.
@Suite
struct PositionalTests {
    private static let fingerprint = "0123456789ab"
    private static let kafka = ["--kafka", "a:1"]

    @Test(arguments: [
        [fingerprint] + kafka, kafka + [fingerprint], kafka + ["--fingerprint", fingerprint],
        kafka + ["--fingerprint=0123456789AB"], ["--name", "harbour", fingerprint] + kafka,
    ])
    func `it stands anywhere among the flags, with its flag or without`(arguments: [String]) throws {
        let settings = try Settings.resolve(command: .subscriptionActivate, arguments: arguments, environment: [:])
        #expect(settings[\.subscription.fingerprint] == Self.fingerprint)
    }

    static let refusals: [(arguments: [String], problem: String)] = [
        ([], "FINGERPRINT is missing: it stands behind the command"),
        (
            [fingerprint, "hunter2"],
            "argument 4 of subscription activate is one too many: it takes FINGERPRINT, then --flag value"
        ),
        ([fingerprint, "--fingerprint", fingerprint], "--fingerprint is given twice"),
        (["--fingerprint", fingerprint, fingerprint], "FINGERPRINT is given twice: once without --fingerprint"),
        (
            ["secret_hunter2"],
            "FINGERPRINT: the value is not a fingerprint; allowed: 12 hexadecimal digits, "
                + "as subscription pending and list show them"
        ),
        (["-x"], "FINGERPRINT: the value is not a fingerprint; allowed: \(SettingType.fingerprint.allowed)"),
    ]

    @Test(arguments: refusals)
    func `what is missing, too much or wrong is said, and no value is repeated`(arguments: [String], problem: String) {
        do throws(SettingsError) {
            _ = try Settings.resolve(
                command: .subscriptionActivate,
                arguments: Self.kafka + arguments,
                environment: [:]
            )
            Issue.record("Nothing was refused.")
        } catch {
            #expect(error.problems == [problem])
        }
    }

    @Test
    func `help shows it in its place`() {
        let help = Help.text(command: .subscriptionActivate)
        #expect(help.contains("Usage: notion-relay subscription activate FINGERPRINT --kafka HOST:PORT[,...] [--flag"))
        #expect(help.contains("[required; or --fingerprint; NOTION_RELAY_SUBSCRIPTION_FINGERPRINT]"))
    }
}
