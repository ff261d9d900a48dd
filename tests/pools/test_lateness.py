"""Who is late himself says of nobody else that he is silent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pools.facts import Facts, Probe, Trouble
from pools.lateness import PULSE_S, TOO_LATE_S, Lateness, in_time, kept, lateness, unhurried
from pools.watching import heard_in_time
from tests.support.loops import awaited

AT = datetime(2026, 11, 23, tzinfo=UTC)
SILENT = Probe(address="10.0.0.2", answers=False, code="timeout")
REFUSED = Probe(address="10.0.0.3", answers=False, code="refused")
WELL = Probe(address="10.0.0.4", answers=True)


@pytest.fixture(autouse=True)
def _nobody_is_late() -> Iterator[None]:
    yield
    lateness.over()


def test_a_loop_that_was_blocked_was_late_and_is_so_no_longer_once_it_comes_back() -> None:
    async def blocked() -> tuple[float, float]:
        pulse = asyncio.create_task(kept())
        await asyncio.sleep(2 * PULSE_S)
        time.sleep(0.6)
        during = lateness.within(1.0)
        await unhurried()
        after = lateness.within(PULSE_S)
        pulse.cancel()
        return during, after

    during, after = awaited(blocked())
    assert during > 0.4
    assert after < during
    assert lateness.within(60.0) == 0.0, "where no loop is, nobody is late"


def test_what_is_long_ago_is_no_excuse() -> None:
    late = Lateness()
    now = time.monotonic()
    late.pulse(now - 40)
    late.pulse(now - 30)
    late.pulse(now)
    assert late.within(60.0) > 9
    assert late.within(5.0) > 29, "it was away until just now"
    late.pulse(now + PULSE_S)
    assert late.within(0.0) < 1


def test_in_time_everything_counts() -> None:
    facts = Facts(at=AT, pool_trouble=Trouble(code="timeout"), probes=(SILENT,))
    assert heard_in_time(facts, 0.3) is facts


def test_the_silence_of_members_does_not_count_when_we_were_late_but_a_refusal_does() -> None:
    facts = Facts(at=AT, pool_trouble=Trouble(code="refused"), probes=(SILENT, REFUSED, WELL))
    found = heard_in_time(facts, 3.0)
    assert found is not None
    assert found.probes == (REFUSED, WELL)


def test_a_look_whose_master_seemed_silent_to_somebody_who_was_late_is_none() -> None:
    assert heard_in_time(Facts(at=AT, pool_trouble=Trouble(code="timeout")), 3.0) is None


def test_an_answer_that_comes_after_its_time_counts_only_while_we_are_late_ourselves() -> None:
    async def after(seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "answered"

    async def heard(*, late_s: float) -> str:
        lateness.pulse(time.monotonic() - late_s)
        return await in_time(after(0.15), 0.05, 5.0)

    assert awaited(heard(late_s=2 * TOO_LATE_S)) == "answered"
    lateness.over()
    with pytest.raises(TimeoutError):
        awaited(heard(late_s=0.0))


def test_whoever_is_late_for_ever_gives_up_in_the_end_and_leaves_nothing_under_way() -> None:
    ended: list[bool] = []

    async def never() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    async def waited() -> None:
        lateness.pulse(time.monotonic() - 60)
        await in_time(never(), 0.02, 0.1)

    with pytest.raises(TimeoutError):
        awaited(waited())
    assert ended == [True]
