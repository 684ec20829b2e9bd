import Simulator
import Testing

@Suite
struct RetryScheduleTests {
    @Test
    func `eight attempts reach over 24 hours`() {
        let schedule = RetrySchedule(timeScale: 1)
        let gaps = (1...8).compactMap { schedule.gap(after: $0) }
        let seconds = gaps.map { Int(($0 / .seconds(1)).rounded()) }
        #expect(seconds == [60, 189, 597, 1_883, 5_937, 18_727, 59_064])
        #expect(abs(gaps.reduce(.zero, +) / .seconds(86_400) - 1) < 0.001)
        #expect(schedule.gap(after: 8) == nil)
        #expect(schedule.gap(after: 0) == nil)
    }

    @Test
    func `by default the first retry comes after a tenth of a second`() throws {
        let gap = try #require(RetrySchedule().gap(after: 1))
        #expect(abs(gap / .milliseconds(1) - 100) < 0.001)
    }
}
