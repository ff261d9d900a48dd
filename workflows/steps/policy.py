"""A step that changes nothing on a captain, but what the team wants of its pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.engine.situation import Situation
from workflows.engine.step import Api, Call, Check, Risk, Step
from workflows.steps.ha import FOR_GOOD

WITHOUT_HA: Mapping[str, Any] = {"wants_ha": False, "recovery": "operators"}


@dataclass(frozen=True)
class WantNoHa(Step):
    """A policy that goes on wanting HA would warn of the very thing that was decided, and whoever reads the overview
    would turn HA on again. With HA off somebody has to elect a new master: the policy says who."""

    title = "Let the policy say that HA stays off, and that operators recover the master"
    risk = Risk.LOW
    undo = "Change the policy back on the pool's settings page."
    within = 60.0
    answer_is_proof = True  # what the team wants is no fact of a captain

    def applies(self, s: Situation) -> Check:
        return Check(s.inputs.get("wish") == FOR_GOOD, "HA is off for now, and the policy goes on wanting it")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(not s.pool.ha.enabled, "HA is off", "It is on again: see who turned it on first.")

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call(
            "Baton",
            "policy: wants_ha=no recovery=operators",
            "on the pool's settings page: HA is to be on: no; who recovers a dead master: the operators",
        )

    def act(self, api: Api, s: Situation) -> None:
        api.policy(WITHOUT_HA)

    def done(self, s: Situation) -> bool:
        return False
