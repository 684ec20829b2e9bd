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
}
