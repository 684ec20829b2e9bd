/// Reads the dates of HTTP: the three forms of RFC 9110, section 5.6.7, and nothing else.
package enum HTTPDate {
    // Limit: the longest, `Wednesday, 06-Nov-94 08:49:37 GMT`, has 33.
    private static let lengthBytesMax = 33
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Nil for anything but a date that exists; the weekday may be wrong. `now` is for years of two digits.
    package static func secondsSince1970(_ text: String, now: Int64) -> Int64? {
        guard text.utf8.count <= lengthBytesMax, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        if let found = text.wholeMatch(
            of: /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9:]{8}) GMT/
        ) {
            return seconds(year: found.3, month: found.2, day: found.1, time: found.4)
        }
        if let found = text.wholeMatch(
            of: /(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, ([0-9]{2})-([A-Z][a-z]{2})-([0-9]{2}) ([0-9:]{8}) GMT/
        ) {
            guard let year = Int(found.3) else { return nil }
            return seconds(year: "\(fullYear(year, now: now))", month: found.2, day: found.1, time: found.4)
        }
        if let found = text.wholeMatch(
            of: /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([0-9 ][0-9]) ([0-9:]{8}) ([0-9]{4})/
        ) {
            let day = found.2.first == " " ? "0" + found.2.dropFirst() : found.2
            return seconds(year: found.4, month: found.1, day: day, time: found.3)
        }
        return nil
    }

    /// The latest year with those two digits that is at most 50 years ahead, as the RFC wants it.
    private static func fullYear(_ digits: Int, now: Int64) -> Int {
        let thisYear = Int(Timestamp.text(milliseconds: now * 1_000).prefix(4)) ?? 1970
        let latest = thisYear + 50
        return latest - (latest - digits) % 100
    }

    private static func seconds(year: Substring, month: Substring, day: Substring, time: Substring) -> Int64? {
        guard let index = months.firstIndex(where: { $0 == month }) else { return nil }
        let number = index < 9 ? "0\(index + 1)" : "\(index + 1)"
        // A leap second has no number of its own; the one before it serves.
        let time = time.hasSuffix(":60") ? time.dropLast(2) + "59" : time
        return Timestamp.milliseconds("\(year)-\(number)-\(day)T\(time)Z").map { $0 / 1_000 }
    }
}
