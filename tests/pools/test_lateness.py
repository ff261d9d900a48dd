"""Who is late himself says of nobody else that he is silent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pools.facts import Facts, Probe, Trouble
from pools.lateness import PULSE_S, Lateness, kept, lateness, unhurried
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
