"""Disable pool HA: for work that HA would fence or refuse, with its settings kept so that nothing is lost.

1. Look at the pool: a member may be away, but XAPI must be able to end what it begins.
2. Remember how HA is set.
3. Turn HA off. A call that hangs is watched, never sent again.
4. When it is meant to stay off: let the policy say so, and that operators recover the master.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pools.facts import Facts
from workflows.engine.situation import Situation
from workflows.engine.step import Candidate, Check, Input, Workflow
from workflows.steps.ha import FOR_GOOD, FOR_NOW, RememberHa, StopHa, disabling_ends
from workflows.steps.policy import WantNoHa


class SwitchHaOff(Workflow):
    slug = "disable-ha"
    title = "Disable HA on {pool}"
    family = "High availability"
    why = (
        "XAPI refuses many operations while HA is on. What is turned off is a debt that stands on the overview until "
        "HA is on again, as it was; or your stated wish."
    )
    duration = "a minute"
    leaves = ("ha",)
    inputs = (
        Input(
            "wish", "For how long", "choice", "HA off is owed until it is on again, unless you say otherwise."
        ),
    )
    steps = (RememberHa(), StopHa(), WantNoHa())

    def candidates(self, name: str, facts: Facts, inputs: Mapping[str, str]) -> tuple[Candidate, ...]:
        if name != "wish":
            return ()
        return (
            Candidate(
                FOR_NOW,
                "For now",
                ("stands on the overview as owed", "one run puts it back, as it was found"),
            ),
            Candidate(
                FOR_GOOD,
                "For good",
                ("the policy will say so",),
                ("nothing is owed, and nobody is reminded", "operators recover the master from then on"),
            ),
        )

    def refusals(self, s: Situation) -> Iterator[Check]:
        known = s.inputs.get("wish") in (FOR_NOW, FOR_GOOD)
        yield Check(known, "It is said for how long", f"Choose {FOR_NOW} or {FOR_GOOD}.")
        yield Check(s.pool.ha.enabled, "HA is on", "It is off already: nothing to do.")
        yield disabling_ends(s)

    def warnings(self, s: Situation) -> Iterator[str]:
        yield "While HA is off nobody elects a new master: a dead master stays dead until you act."
        if s.inputs.get("wish") == FOR_GOOD:
            yield "The pool's policy will say that HA stays off, and that operators recover the master."
