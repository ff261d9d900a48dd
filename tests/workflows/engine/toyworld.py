"""A world in memory that obeys at once, and in which the worker may die at any moment it touches.

The lab is the outside world everywhere else; here a run has to be carried out hundreds of times.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from pools.clients import wire
from pools.clients.errors import AnswerLost, ClientError
from pools.clients.xapi import Endpoint
from pools.facts import Facts
from pools.models import Pool
from tests.workflows import amber
from workflows.engine.decide import Remote


class Dies(BaseException):
    """The worker is killed here."""


@dataclass
class ToyWorld:
    """`sent` are the calls that took effect. `moments` counts every touch; the worker dies at those of `dies_at`.
    `troubles` maps a call's name to the errors that its next tries meet (None: goes well)."""

    facts: Facts = field(default_factory=amber.facts)
    sent: list[str] = field(default_factory=list)
    moments: int = 0
    looks: int = 0
    dies_at: Container[int] = ()
    troubles: dict[str, list[ClientError | None]] = field(default_factory=dict)
    lost_after: set[str] = field(default_factory=set)
    """Calls that take effect and whose answer is lost, once each."""
    acts: bool = True
    """Whether calls take effect; else they are only answered."""
    meanwhile: dict[int, Callable[[], object]] = field(default_factory=dict)
    """What happens at a moment, before this worker goes on."""

    def look(self, pool: Pool, known: Facts) -> Facts:
        self._moment()
        self.looks += 1
        return replace(self.facts, at=timezone.now())

    @contextmanager
    def acting(self, pool: Pool, facts: Facts) -> Iterator[ToyHands]:
        self._moment()
        yield ToyHands(self)

    def carry_out(self, call: str, *args: Any) -> None:
        """The moments of a call: it leaves, it takes effect, its answer comes."""
        self._moment()
        wire.ask_to_send()
        troubles = self.troubles.get(call, [])
        if troubles and (trouble := troubles.pop(0)):
            raise trouble
        self.sent.append(call)
        if self.acts:
            self.facts = EFFECTS[call](self.facts, *args)
        if call in self.lost_after:
            self.lost_after.discard(call)
            raise AnswerLost(call, "reset")
        self._moment()

    def _moment(self) -> None:
        self.moments += 1
        if happens := self.meanwhile.pop(self.moments, None):
            happens()
        if self.moments in self.dies_at:
            raise Dies


@dataclass
class ToyHands:
    world: ToyWorld

    @property
    def xapi(self) -> Any:
        return self

    @property
    def cloudstack(self) -> Any:
        return self

    def member(self, address: str) -> Any:
        return self

    def at(self, way: Endpoint) -> Any:
        return self

    def start(self, call: str, *args: Any, **params: str) -> str:
        self.world.carry_out(call, *args, *params.values())
        return f"handle-of-{call}"

    def call(self, call: str, *args: Any) -> None:
        self.world.carry_out(call, *args)

    def do(self, call: str, **params: str) -> Mapping[str, Any]:
        self.world.carry_out(call, *params.values())
        return {}

    def status(self, kind: str, id: str) -> Remote:
        return Remote("pending")


def _uuid(ref: str) -> str:
    return ref.removeprefix("OpaqueRef:")


EFFECTS: dict[str, Callable[..., Facts]] = {
    "pool.disable_ha": lambda f: f.with_ha(enabled=False),
    "pool.designate_new_master": lambda f, ref: f.with_master(_uuid(ref)),
    "pool.eject": lambda f, ref: f.without_host(_uuid(ref)),
    "pool.enable_ha": lambda f, srs, config: f.with_ha(
        enabled=True, timeout_s=int(config["timeout"]), statefile_srs=tuple(map(_uuid, srs))
    ),
    "prepareHostForMaintenance": lambda f, id: f.with_cs_host(id, resourcestate="Maintenance").with_vms_off(
        f"h-{id.removeprefix('cs-')}"
    ),
    "cancelHostMaintenance": lambda f, id: f.with_cs_host(id, resourcestate="Enabled"),
    "deleteHost": lambda f, id: f.without_cs_host(id),
}

IN_ORDER = [
    "prepareHostForMaintenance",
    "pool.disable_ha",
    "pool.designate_new_master",
    "pool.eject",
    "deleteHost",
    "pool.enable_ha",
]
