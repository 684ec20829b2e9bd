import Glibc
import Synchronization
import Testing

@testable import Operations

@Suite
struct StopTests {
    private static let quiet = Log(sink: { _ in })

    @Test(arguments: [1, 2, 5, 25, 60, 3600])
    func `the deadlines of a stop add up to the grace period`(seconds: Int) {
        let deadlines = StopDeadlines(gracePeriod: .seconds(seconds))
        #expect(deadlines.sum == .seconds(seconds))
        for part in [deadlines.drain, deadlines.flush, deadlines.operations, deadlines.margin] {
            #expect(part > .zero)
        }
        #expect(deadlines.drain >= .seconds(seconds) / 2)
    }

    @Test
    func `the default grace period answers what was accepted`() throws {
        let settings = try Settings.resolve(command: .receive, arguments: ["--kafka=a:1"], environment: [:])
        let deadlines = StopDeadlines(gracePeriod: settings[\.edge.gracePeriod])
        #expect(deadlines.drain >= settings[\.limits.requestDeadline])
        #expect(deadlines.drain == .seconds(21))
    }

    @Test
    func `steps that do not fit are refused`() throws {
        let step = StopStep("drain", deadline: .seconds(3)) { _ in true }
        #expect(throws: StopPlanError(sum: .seconds(6), gracePeriod: .seconds(5))) {
            try StopPlan(within: .seconds(5), [step, step])
        }
        #expect(try StopPlan(within: .seconds(6), [step, step]).steps.count == 2)
    }

    @Test
    func `steps run in order, all of them, and one that did not finish is told`() async throws {
        let order = Mutex<[String]>([])
        func step(_ name: String, _ isFinished: Bool) -> StopStep {
            StopStep(name, deadline: .seconds(1)) { deadline in
                order.withLock { $0.append("\(name) \(SettingValue.duration(deadline))") }
                return isFinished
            }
        }
        let plan = try StopPlan(within: .seconds(5), [step("a", true), step("b", false), step("c", true)])
        #expect(await plan.run(log: Self.quiet, overrun: {}) == false)
        #expect(order.withLock { $0 } == ["a 1s", "b 1s", "c 1s"])
        let clean = try StopPlan(within: .seconds(5), [step("a", true)])
        #expect(await clean.run(log: Self.quiet, overrun: {}))
    }

    @Test
    func `a step that hangs does not keep the process`() async throws {
        let (overruns, continuation) = AsyncStream<Void>.makeStream()
        let step = StopStep("hang", deadline: .milliseconds(10)) { _ in
            for await _ in overruns { return false }
            return true
        }
        let plan = try StopPlan(within: .milliseconds(20), [step])
        #expect(await plan.run(log: Self.quiet, overrun: { continuation.yield() }) == false)
    }

    @Test
    func `the first signal wakes who waits and the second leaves`() async throws {
        let (statuses, continuation) = AsyncStream<Int32>.makeStream()
        let stop = StopSignal([SIGUSR1]) { continuation.yield($0) }
        #expect(!stop.isRaised)
        async let number = stop.wait()
        kill(getpid(), SIGUSR1)
        #expect(await number == SIGUSR1)
        #expect(await stop.wait() == SIGUSR1)
        #expect(stop.isRaised)
        kill(getpid(), SIGUSR1)
        #expect(await statuses.first { _ in true } == 128 + SIGUSR1)
    }

    @Test
    func `a hang-up is told and stops nothing`() async throws {
        let (hangUps, continuation) = AsyncStream<Void>.makeStream()
        let stop = StopSignal([SIGUSR2], leave: { _ in }, hangUp: { continuation.yield() })
        kill(getpid(), SIGHUP)
        var told = hangUps.makeAsyncIterator()
        #expect(await told.next() != nil)
        #expect(!stop.isRaised)
    }

    @Test
    func `a stop that is not over by its deadline ends the process, and without a signal nothing is due`() async {
        let (statuses, continuation) = AsyncStream<Int32>.makeStream()
        let stop = StopSignal([SIGVTALRM], deadline: .milliseconds(1)) { continuation.yield($0) }
        let idle = StopSignal([SIGXFSZ], deadline: .zero) { _ in Issue.record("Nobody asked for a stop.") }
        kill(getpid(), SIGVTALRM)
        #expect(await statuses.first { _ in true } == 1)
        #expect(stop.isRaised && !idle.isRaised)
    }

    @Test
    func `a program may ask itself, and that is no second signal`() async {
        let left = Mutex<[Int32]>([])
        let stop = StopSignal([SIGUSR2]) { status in left.withLock { $0.append(status) } }
        stop.raise()
        stop.raise()
        #expect(await stop.wait() == 0)
        #expect(left.withLock { $0 } == [])
    }

    @Test
    func `a cancelled wait ends`() async {
        let stop = StopSignal([SIGUSR2]) { _ in }
        // Safety: the task is awaited below.
        let waiting = Task { await stop.wait() }
        waiting.cancel()
        #expect(await waiting.value == nil)
    }
}
