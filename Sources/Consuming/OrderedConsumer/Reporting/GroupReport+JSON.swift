import TextOutput

extension GroupReport {
    /// The report for programs: one JSON object with sorted names. What is not known is left out.
    package var json: String {
        SortedJSON.text(self)
    }
}
