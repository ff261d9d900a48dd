"""Time that a test owns."""

from __future__ import annotations

from lab.world import ScaledClock, SteppedClock, Steps, World


def test_timers_run_in_order_each_at_its_own_moment() -> None:
    clock = SteppedClock(start=100.0)
    seen: list[tuple[str, float]] = []
    clock.after(20, lambda: seen.append(("late", clock.now())))
    clock.after(10, lambda: seen.append(("early", clock.now())))
    clock.step(15)
    assert seen == [("early", 110.0)]
    clock.step(15)
    assert seen == [("early", 110.0), ("late", 120.0)]


def test_a_cancelled_timer_never_runs() -> None:
    clock = SteppedClock()
    seen: list[int] = []
    clock.after(1, lambda: seen.append(1)).cancel()
    clock.step(10)
    assert seen == []
    assert clock.next_due() is None


def test_a_scaled_clock_runs_as_many_times_as_fast() -> None:
    slow, fast = ScaledClock(1.0), ScaledClock(1000.0)
    slow.after(1000, int)
    fast.after(1000, int)
    assert (slow.seconds_to_next() or 0) > 900
    assert 0 < (fast.seconds_to_next() or 0) <= 1


def test_a_process_waits_for_seconds_and_for_other_processes() -> None:
    clock = SteppedClock()
    world = World(clock)

    def inner() -> Steps:
        yield 5.0
        return "done"

    def outer() -> Steps:
        child = world.run(inner())
        yield child
        return child.result

    process = world.run(outer())
    assert process.status == "pending"
    clock.step(5)
    assert (process.status, process.result) == ("success", "done")


def test_a_stopped_process_cleans_up_and_never_goes_on() -> None:
    clock = SteppedClock()
    world = World(clock)
    seen: list[str] = []

    def steps() -> Steps:
        try:
            yield 5.0
            seen.append("went on")
        finally:
            seen.append("cleaned up")

    process = world.run(steps())
    process.stop()
    clock.step(10)
    assert (process.status, seen) == ("stopped", ["cleaned up"])


def test_a_bug_in_an_action_is_kept_for_the_test_to_see() -> None:
    clock = SteppedClock()
    world = World(clock)
    world.after(1, lambda: 1 / 0)
    clock.step(2)
    assert isinstance(world.crashes[0], ZeroDivisionError)
