/// How much may wait for Kafka at once. A full receiver refuses a delivery before it reads the body.
struct Admission {
    // Limit: both come from the settings in_flight_records_max and in_flight_bytes_max, per loop.
    let recordsMax: Int
    let bytesMax: Int

    private(set) var records = 0
    private(set) var bytes = 0

    init(recordsMax: Int, bytesMax: Int) {
        precondition(recordsMax > 0 && bytesMax > 0, "Admission limits are positive.")
        self.recordsMax = recordsMax
        self.bytesMax = bytesMax
    }

    /// Whether a delivery of this declared size (0 when it is not known yet) may come in now.
    func admits(bytes announced: Int) -> Bool {
        records < recordsMax && (records == 0 || announced <= bytesMax - bytes)
    }

    mutating func take(bytes taken: Int) {
        records += 1
        bytes += taken
    }

    mutating func release(bytes released: Int) {
        precondition(records > 0 && bytes >= released, "Only what was taken can be released.")
        records -= 1
        bytes -= released
    }
}
