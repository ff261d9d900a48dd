"""run-waiting: a run waits for a person."""

from __future__ import annotations

from pools.rules.case import Case
from tests.pools.rules.judging import INFO, WARNING, fires_on, silent_on
from tests.pools.rules.trouble import waiting
from tests.pools.world import amber, judged, policy

CODE = "run-waiting"


def waited(minutes: float, patience_s: float = 1800) -> Case:
    return judged(amber(), obligations=waiting(minutes), policy=policy(patience_s=patience_s))


test_it_fires_on = fires_on(
    CODE,
    {
        "longer than the patience": (INFO, "Remove amber-1", waited(30.1)),
        "twice the patience": (INFO, "Remove amber-1", waited(60)),
        "longer than twice": (WARNING, "Remove amber-1", waited(60.1)),
        "a policy of little patience": (WARNING, "Remove amber-1", waited(21, patience_s=600)),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "the patience": waited(30),
        "nobody waits": judged(amber()),
        "a policy of much patience": waited(59, patience_s=3600),
    },
)
