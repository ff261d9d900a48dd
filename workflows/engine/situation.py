"""What a step judges: frozen facts of both captains, the run's inputs, and what earlier steps remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pools.cloudstack_facts import CloudStackFacts, CsHost
from pools.facts import Facts, Host, PoolFacts, Probe


def with_known(facts: Facts, known: Facts | None) -> Facts:
    """What to plan on: `facts`; while the master is silent, the pool as it was when it last answered (`at` is then
    that moment), with the trouble and the probes of now."""
    if facts.pool or known is None or known.pool is None:
        return facts
    cloudstack = facts.cloudstack or known.cloudstack
    return replace(facts, at=known.at, pool=known.pool, cloudstack=cloudstack)


GONE = "gone"
"""Key of the memory that names hosts (by uuid) that an earlier run knew, and that had left before this one began."""


class NotKnown(Exception):
    """A step asked for something that the facts do not hold. The message says what, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """`facts` are fresh, `baseline` is what was found when the run was planned: a host that has left the pool
    is still known from there. `memory` holds what earlier steps kept (JSON only)."""

    facts: Facts
    baseline: Facts
    inputs: Mapping[str, str] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pool(self) -> PoolFacts:
        if self.facts.pool is None:
            trouble = self.facts.pool_trouble
            raise NotKnown(trouble.says if trouble else "The pool could not be read.")
        return self.facts.pool

    @property
    def cloudstack(self) -> CloudStackFacts:
        if self.facts.cloudstack is None:
            trouble = self.facts.cloudstack_trouble
            raise NotKnown(trouble.says if trouble else "This pool is not connected to a CloudStack.")
        if not self.facts.cloudstack.cluster:  # then no host is shown either, which would look like "deleted"
            name = self.facts.cloudstack.cluster_name
            raise NotKnown(
                f"CloudStack shows no cluster {name}: it was renamed, or our account may not see it."
            )
        return self.facts.cloudstack

    @property
    def has_cloudstack(self) -> bool:
        """Whether the pool belongs to a CloudStack cluster at all, be it readable or not."""
        return self.baseline.cloudstack is not None or self.baseline.cloudstack_trouble is not None

    @property
    def known(self) -> Facts:
        """The facts, with the pool as it was when the run was planned while its master is silent."""
        return with_known(self.facts, self.baseline)

    @property
    def known_pool(self) -> PoolFacts:
        """The pool, or what it was when it last answered."""
        if self.known.pool is None:
            raise NotKnown("This pool has never answered, so nothing is known of its members.")
        return self.known.pool

    def probe(self, host: Host) -> Probe | None:
        """How that host answers at its own address."""
        return next((p for p in self.facts.probes if p.address == host.address), None)

    @property
    def host(self) -> Host:
        """The host the run is about, input `host` (a uuid); its last known record once it has left the pool."""
        return self._host("host")

    @property
    def successor(self) -> Host:
        """The host that becomes master, input `successor` (a uuid)."""
        return self._host("successor")

    @property
    def in_pool(self) -> bool:
        """Whether the run's host is still a member."""
        return self.pool.host(self.inputs["host"]) is not None

    @property
    def cs_host(self) -> CsHost | None:
        """CloudStack's record of the run's host; None once it is deleted there (or never was)."""
        return self.cloudstack.host_at(self.host.address)

    def about(self, host: str) -> Situation:
        """The same, for a step about that host (a uuid) of several."""
        return replace(self, inputs={**self.inputs, "host": host})

    def _host(self, name: str) -> Host:
        uuid = self.inputs.get(name, "")
        for facts in (self.facts, self.baseline):
            if facts.pool and (host := facts.pool.host(uuid)):
                return host
        if gone := self.memory.get(GONE, {}).get(uuid):
            return Host(uuid=uuid, enabled=False, live=False, **gone)
        raise NotKnown(f"No host {uuid or '(none given)'} is known in this pool.")

    def after(self, facts: Facts, kept: Mapping[str, Any] | None = None) -> Situation:
        """The projected situation: other facts, and what would be remembered."""
        return replace(self, facts=facts, memory={**self.memory, **(kept or {})})
