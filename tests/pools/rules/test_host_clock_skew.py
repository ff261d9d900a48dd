"""host-clock-skew: a clock that is wrong."""

from __future__ import annotations

import pytest

from pools.facts import Facts
from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, WARNING, fires_on, found, silent_on, the
from tests.pools.rules.trouble import alerts
from tests.pools.world import amber, judged, master_silent

CODE = "host-clock-skew"
ALERT = "HOST_CLOCK_SKEW_DETECTED"


def measured(*ahead: float | None, within: float = 0.5) -> Facts:
    """The clocks of amber-1, amber-2 … by the console's, in seconds."""
    facts = amber()
    for j, seconds in enumerate(ahead, 1):
        facts = facts.with_host(f"amber-{j}", clock_ahead_s=seconds, clock_within_s=within)
    return facts


def clocks(*ahead: float | None, within: float = 0.5) -> Case:
    return judged(measured(*ahead, within=within))


test_it_fires_on = fires_on(
    CODE,
    {
        "the alert": (WARNING, "amber-3", judged(alerts(ALERT, 5))),
        "the alert a day ago": (WARNING, "amber-3", judged(alerts(ALERT, 24 * 60))),
        "one clock ahead": (WARNING, "amber-3", clocks(0, 0, 5.6, 0)),
        "one clock behind": (WARNING, "amber-3", clocks(0, 0, -5.6, 0)),
        "one clock five minutes off": (CRITICAL, "amber-3", clocks(0, 0, 300.6, 0)),
        "one clock nearly five minutes off": (WARNING, "amber-3", clocks(0, 0, 300.4, 0)),
        "the master's clock, the others being right": (WARNING, "amber-1", clocks(60, None, None, None)),
        "two that are off a little, to either side": (WARNING, "amber-2", clocks(-3, 3.2, None, None)),
        "all alike": (WARNING, "amber", clocks(40, 41, 40.5, 39.8)),
        "all alike, five minutes off": (CRITICAL, "amber", clocks(-301, -302, -301, -301)),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "the alert a day and a minute ago": judged(alerts(ALERT, 24 * 60 + 1)),
        "another alert": judged(alerts("HA_HOST_WAS_FENCED", 5)),
        "a silent master": judged(master_silent(), known=alerts(ALERT, 5)),
        "five seconds, within what the measurement may be off": clocks(0, 0, 5.5, 0),
        "six seconds through a slow network": clocks(0, 0, 6.4, 0, within=1.5),
        "all alike and right": clocks(0.4, -0.4, 0.1, 0),
        "four seconds between two": clocks(-2, 2, 0, 0),
        "clocks that nobody measured": clocks(None, None, None, None),
    },
)


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (clocks(0, 0, 47, 0), "The clock of amber-3 is more than 30 s ahead of the console's."),
        (clocks(0, 0, -4000, 0), "The clock of amber-3 is more than 3600 s behind the console's."),
        (
            clocks(-3, 3.2, None, None),
            "The clock of amber-2 is more than 5 s ahead of that of its master amber-1.",
        ),
        (
            clocks(40, 41, None, None),
            "The clocks of amber are more than 30 s ahead of the console's, all 2 hosts alike: either its time server "
            "or the console's is wrong.",
        ),
    ],
    ids=["ahead", "behind", "beside the master", "together"],
)
def test_it_says_how_far_and_against_what(case: Case, says: str) -> None:
    assert the(case, CODE).says == says


@pytest.mark.parametrize("step", [5, 10, 30, 60, 300, 3600, 86_400])
def test_a_clock_is_off_beyond_a_step_of_its_own(step: int) -> None:
    """Only beyond what the measurement may be off, half a second."""
    assert f"more than {step} s ahead" in the(clocks(0, 0, step + 0.6, 0), CODE).says
    assert not any(f"more than {step} s" in f.says for f in found(clocks(0, 0, step + 0.5, 0), CODE))


def test_clocks_that_are_all_off_but_not_alike_are_each_its_own_trouble() -> None:
    assert [f.subject.name for f in found(clocks(40, 80, 41, 42), CODE)] == [
        f"amber-{j}" for j in (1, 2, 3, 4)
    ]


def test_another_measurement_of_the_same_clock_reads_the_same() -> None:
    """Else each full look would write a change."""
    first, second = (the(clocks(0, 0, seconds, 0), CODE) for seconds in (47.0, 47.3))
    assert (first.says, first.evidence) == (second.says, second.evidence)
