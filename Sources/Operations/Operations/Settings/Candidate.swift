/// What one source says about a setting, before it is checked.
struct Candidate {
    enum Form {
        case value
        /// The text is the path of a file that holds the value.
        case file
    }

    var texts: [String]
    let source: SettingSource
    let form: Form

    init(_ texts: [String], _ source: SettingSource, _ form: Form = .value) {
        self.texts = texts
        self.source = source
        self.form = form
    }
}

/// Everything one source says: flags, the environment, or the file.
struct SettingLayer {
    var candidates: [SettingKey: Candidate] = [:]
    /// librdkafka's options by name.
    var options: [String: Candidate] = [:]
    var problems: [String] = []
}
