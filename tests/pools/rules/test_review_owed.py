"""review-owed: somebody went on alone."""

from __future__ import annotations

from tests.pools.rules.judging import WARNING, fires_on, silent_on, the
from tests.pools.rules.trouble import alone, owing
from tests.pools.world import amber, judged

CODE = "review-owed"

test_it_fires_on = fires_on(
    CODE, {"not reviewed yet": (WARNING, "run 7", judged(amber(), obligations=alone()))}
)
test_it_is_silent_on = silent_on(
    CODE, {"reviewed": judged(amber()), "a debt": judged(amber(), obligations=owing("ha"))}
)


def test_it_says_who_and_why() -> None:
    says = the(judged(amber(), obligations=alone()), CODE).says
    assert says == "bo went on alone with run 7 at 2026-11-22 03:00:00 UTC: “SAN is down”."
