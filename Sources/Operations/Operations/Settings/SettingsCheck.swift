enum SettingsCheck {
    static func problems(in settings: ResolvedSettings) -> [String] {
        var problems: [String] = []
        typealias Path = ResolvedSettings.Path<Duration>
        func below(_ lower: Path, _ upper: Path, _ why: String) {
            guard settings.isSet(lower), settings.isSet(upper), settings[lower] >= settings[upper] else { return }
            problems.append("\(settings.place(lower)) must be below \(settings.place(upper)): \(why)")
        }
        let why = "Kafka's answer has to come before the request gives up"
        below(\.producer.messageTimeout, \.limits.requestDeadline, why)
        below(\.producer.linger, \.producer.messageTimeout, "a record has to be sent before it times out")
        if settings.isSet(\.edge.gracePeriod), settings.isSet(\.limits.requestDeadline) {
            let drain = StopDeadlines(gracePeriod: settings[\.edge.gracePeriod]).drain
            if drain < settings[\.limits.requestDeadline] {
                problems.append(
                    "\(settings.place(\.edge.gracePeriod)) leaves \(SettingValue.duration(drain)) "
                        + "to answer what was accepted; "
                        + "\(settings.place(\.limits.requestDeadline)) must not be above that"
                )
            }
        }
        if settings.isSet(\.limits.bodyBytesMax), settings.isSet(\.limits.inFlightBytesMax),
            settings.isSet(\.edge.loops),
            settings[\.limits.bodyBytesMax] > settings[\.limits.inFlightBytesMax] / settings[\.edge.loops]
        {
            problems.append(
                "\(settings.place(\.limits.bodyBytesMax)) must not be above a loop's share of "
                    + "\(settings.place(\.limits.inFlightBytesMax)): the largest body could never be admitted"
            )
        }
        if settings.isSet(\.limits.bodyBytesMax), settings.isSet(\.limits.growthBytesMax),
            settings[\.limits.bodyBytesMax] > settings[\.limits.growthBytesMax] / 2
        {
            problems.append(
                "\(settings.place(\.limits.bodyBytesMax)) must not be above half of "
                    + "\(settings.place(\.limits.growthBytesMax)): the largest body could never be read"
            )
        }
        if settings.isSet(\.edge.path), settings.isSet(\.edge.healthPath) {
            let (path, health) = (settings[\.edge.path], settings[\.edge.healthPath])
            if health == path || (path != "/" && (health + "/").hasPrefix(path.hasSuffix("/") ? path : path + "/")) {
                problems.append(
                    "\(settings.place(\.edge.healthPath)) must not be \(settings.place(\.edge.path)) or below it: "
                        + "deliveries are posted there"
                )
            }
        }
        return problems
    }

    /// Rules on settings that need each other; checked when nothing may be missing any more.
    static func gaps(in settings: ResolvedSettings) -> [String] {
        [gap(settings, \.tls), gap(settings, \.operationsTLS), proxyGap(settings)].compactMap(\.self)
    }

    private static func proxyGap(_ settings: ResolvedSettings) -> String? {
        guard settings.isSet(\.limits.proxyProtocol), settings[\.limits.proxyProtocol] == .required,
            settings[\.limits.trustedProxies].isEmpty
        else { return nil }
        return "\(settings.place(\.limits.proxyProtocol)) needs \(settings.place(\.limits.trustedProxies)) beside it: "
            + "the header is believed only from the balancers that are named there"
    }

    private static func gap(_ settings: ResolvedSettings, _ tls: KeyPath<SettingsTable, SettingsTable.TLS>) -> String? {
        let certificate = tls.appending(path: \.certificate)
        let key = tls.appending(path: \.key)
        let clientCA = tls.appending(path: \.clientCA)
        if settings.isSet(certificate) != settings.isSet(key) {
            let (given, missing) = settings.isSet(key) ? (key, certificate) : (certificate, key)
            return "\(settings.place(given)) needs \(settings.place(missing)) beside it"
        }
        guard settings.isSet(clientCA), !settings.isSet(certificate) else { return nil }
        return "\(settings.place(clientCA)) needs \(settings.place(certificate)): it is part of TLS"
    }
}
