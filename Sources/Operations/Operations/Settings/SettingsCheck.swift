/// Rules between settings.
enum SettingsCheck {
    static func problems(in settings: ResolvedSettings) -> [String] {
        var problems: [String] = []
        func below(_ lower: SettingKey, _ upper: SettingKey, _ why: String) {
            guard settings.isSet(lower), settings.isSet(upper) else { return }
            guard settings.duration(lower) >= settings.duration(upper) else { return }
            problems.append("\(settings.place(lower)) must be below \(settings.place(upper)): \(why)")
        }
        below(.messageTimeout, .requestDeadline, "Kafka's answer has to come before the request gives up")
        below(.linger, .messageTimeout, "a record has to be sent before it times out")
        if settings.isSet(.gracePeriod), settings.isSet(.requestDeadline) {
            let drain = StopDeadlines(gracePeriod: settings.duration(.gracePeriod)).drain
            if drain < settings.duration(.requestDeadline) {
                problems.append(
                    "\(settings.place(.gracePeriod)) leaves \(SettingValue.duration(drain)) "
                        + "to answer what was accepted; "
                        + "\(settings.place(.requestDeadline)) must not be above that"
                )
            }
        }
        if settings.isSet(.bodyBytesMax), settings.isSet(.inFlightBytesMax), settings.isSet(.loops),
            settings.bytes(.bodyBytesMax) > settings.bytes(.inFlightBytesMax) / settings.int(.loops)
        {
            problems.append(
                "\(settings.place(.bodyBytesMax)) must not be above a loop's share of "
                    + "\(settings.place(.inFlightBytesMax)): the largest body could never be admitted"
            )
        }
        return problems
    }

    /// Rules on settings that are of use only together; asked when nothing may be missing any more.
    static func gaps(in settings: ResolvedSettings) -> [String] {
        [
            gap(settings, .tlsCertificate, .tlsKey, .tlsClientCA),
            gap(settings, .operationsTLSCertificate, .operationsTLSKey, .operationsTLSClientCA),
        ].compactMap(\.self)
    }

    private static func gap(
        _ settings: ResolvedSettings,
        _ certificate: SettingKey,
        _ key: SettingKey,
        _ clientCA: SettingKey
    ) -> String? {
        if settings.isSet(certificate) != settings.isSet(key) {
            let (given, missing) = settings.isSet(key) ? (key, certificate) : (certificate, key)
            return "\(settings.place(given)) needs \(settings.place(missing)) beside it"
        }
        guard settings.isSet(clientCA), !settings.isSet(certificate) else { return nil }
        return "\(settings.place(clientCA)) needs \(settings.place(certificate)): it is part of TLS"
    }
}
