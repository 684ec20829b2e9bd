import Operations
import OutgoingWebhooks

extension ServiceSettings {
    /// Where a command finds what it has to know of the service that it posts events to.
    struct Keys {
        let url: SettingKey
        let allowed: SettingKey
        let secrets: SettingKey
        let timeout: SettingKey
        let authorities: SettingKey

        static let forward = Keys(
            url: .forwardURL,
            allowed: .forwardAllow,
            secrets: .webhookSecrets,
            timeout: .forwardTimeout,
            authorities: .forwardAuthorities
        )

        static let replay = Keys(
            url: .replayToURL,
            allowed: .replayAllow,
            secrets: .webhookSecrets,
            timeout: .replayTimeout,
            authorities: .replayAuthorities
        )
    }

    /// What a command that posts events is told by its settings. Without secrets the log is told what that means.
    ///
    /// `url` is what a command goes on with that was begun with another one's settings.
    init(_ context: CommandContext, _ keys: Keys, url: String? = nil) throws {
        let url = url ?? context.settings.string(keys.url)
        self.init(target: try Self.target(context, keys, url), signer: try Self.signer(context, keys.secrets))
        requestTimeout = context.settings.duration(keys.timeout)
        authoritiesFile = context.settings.string(ifSet: keys.authorities)
    }

    private static func target(_ context: CommandContext, _ keys: Keys, _ url: String) throws -> TargetURL {
        do throws(TargetError) {
            let target = try TargetURL(url)
            _ = try TargetRules(url: target, allowed: context.settings.list(ifSet: keys.allowed))
            return target
        } catch {
            throw UsageError("\(flag(keys.url)) or \(flag(keys.allowed)): \(error)")
        }
    }

    private static func signer(_ context: CommandContext, _ key: SettingKey) throws -> WebhookSigner? {
        let variable = SettingsTable.all.first { $0.key == key }?.environmentForValue ?? key.rawValue
        let texts = context.settings.secret(key)
        guard !texts.isEmpty else {
            context.log.warning(
                "unsigned",
                ["hint": "the service cannot tell these requests from forged ones; set \(variable)"]
            )
            return nil
        }
        do throws(WebhookSecretError) {
            var secrets: [WebhookSecret] = []
            for text in texts { secrets.append(try WebhookSecret(text.revealed())) }
            return try WebhookSigner(secrets)
        } catch {
            throw UsageError("\(variable): \(error)")
        }
    }

    private static func flag(_ key: SettingKey) -> String {
        SettingsTable.all.first { $0.key == key }?.flag ?? key.rawValue
    }
}

extension ResolvedSettings {
    /// The parts of a text between commas, without the spaces around them.
    func list(ifSet key: SettingKey) -> [String] {
        (string(ifSet: key) ?? "").split(separator: ",").map { String($0).trimmingSpaces }
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var rest = self[...]
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
