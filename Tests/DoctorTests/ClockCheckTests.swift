import Testing

@testable import Doctor

@Suite
struct ClockCheckTests {
    @Test(
        arguments: [
            (Int64(0), []), (30_000, []), (-30_000, []), (31_000, ["warning clock_skew h"]),
            (-31_000, ["warning clock_skew h"]), (300_001, ["error clock_skew h"]),
            (-86_400_000, ["error clock_skew h"]),
        ] as [(Int64, [String])]
    )
    func `a clock that differs is reported by how much`(offset: Int64, troubles: [String]) {
        let sample = ClockSample(source: "h", theirs: DoctorSample.now, ours: DoctorSample.now + offset)
        let found = ClockCheck.findings([sample], newestRecordAt: nil, now: DoctorSample.now)
        #expect(DoctorSample.troubles(found) == troubles)
        DoctorSample.expectAdvice(found)
    }

    @Test(arguments: [(Int64(-1), []), (30_000, []), (60_000, ["warning record_in_future"])] as [(Int64, [String])])
    func `a record from the future is a warning`(ahead: Int64, troubles: [String]) {
        let found = ClockCheck.findings([], newestRecordAt: DoctorSample.now + ahead, now: DoctorSample.now)
        #expect(DoctorSample.checks(found) == troubles)
    }
}
