"""Steps of every kind, for the tables of decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pools.facts import Facts
from workflows.engine.situation import Situation
from workflows.engine.step import Call, Check, Resend, Risk, Step, Traces


@dataclass(frozen=True)
class TurnOff(Step):
    """HA goes off."""

    title = "Turn HA off"
    risk = Risk.HIGH
    within = 60.0
    settle = 5.0
    traces = Traces(tasks=("Async.pool.disable_ha",), operations=("ha_disable",), jobs=("a.b.SomeCmd",))

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(all(h.live for h in s.pool.hosts), "Every member is live", "Bring them back.")

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_ha(enabled=False)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call("XenServer", "Async.pool.disable_ha()", "xe pool-ha-disable")

    def done(self, s: Situation) -> bool:
        return not s.pool.ha.enabled


@dataclass(frozen=True)
class TurnOffOnce(TurnOff):
    """As above, but sending it twice would hurt."""

    resend = Resend.ASK


@dataclass(frozen=True)
class TurnOffWhenBooted(TurnOff):
    """The captain may still be starting: that goes by."""

    goes_by = ("HOST_STILL_BOOTING",)


@dataclass(frozen=True)
class WaitUntilOff(TurnOff):
    """Only looks."""

    risk = Risk.NONE


@dataclass(frozen=True)
class NotForThisPool(TurnOff):
    """Never needed here."""

    def applies(self, s: Situation) -> Check:
        return Check(False, "this pool has no need of it")


@dataclass(frozen=True)
class GivesUp(TurnOff):
    """The captain says that it will not happen."""

    def stuck(self, s: Situation) -> str:
        return "It is in an error state."
