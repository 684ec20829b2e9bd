import Testing

@testable import Doctor

@Suite
struct ClockJudgeTests {
    @Test(
        arguments: [
            (Int64(0), []), (30_000, []), (-30_000, []), (31_000, ["warning clock_skew h"]),
            (-31_000, ["warning clock_skew h"]), (300_001, ["error clock_skew h"]),
            (-86_400_000, ["error clock_skew h"]),
        ] as [(Int64, [String])]
    )
    func `a clock that is off is told by how much`(offset: Int64, troubles: [String]) {
        let sample = ClockSample(source: "h", theirs: Judged.now, ours: Judged.now + offset)
        let found = ClockJudge.findings([sample], newestRecordAt: nil, now: Judged.now)
        #expect(Judged.troubles(found) == troubles)
        Judged.expectAdvice(found)
    }

    @Test(arguments: [(Int64(-1), []), (30_000, []), (60_000, ["warning record_in_future"])] as [(Int64, [String])])
    func `a record of the future is warned of`(ahead: Int64, troubles: [String]) {
        let found = ClockJudge.findings([], newestRecordAt: Judged.now + ahead, now: Judged.now)
        #expect(Judged.checks(found) == troubles)
    }
}
