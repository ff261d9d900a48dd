"""What a look takes from the prober: how the members answered, and which of them is the likeliest master."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pools.facts import PoolFacts, Probe

IDLE = timedelta(minutes=5)
"""A prober that wrote nothing for so long is none: then a look asks by itself."""
RECENT = timedelta(seconds=45)
"""So old may an answer be that keeps a look from asking a silent master once more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the prober heard. `since` is when the master was last read: once it is silent, only what was heard after
    that is evidence."""

    probes: tuple[Probe, ...] = ()
    since: datetime | None = None

    def missing(self, addresses: Iterable[str], pool: PoolFacts | None) -> list[str]:
        """Whom the look has to ask by itself: of a pool that was read, a master whose own address seems silent, and
        members that named another one when they were asked last; else everybody who was not asked since."""
        heard = {p.address: p for p in self.probes}
        if pool is not None:
            master = pool.master_host
            seen = heard.get(master.address) if master else None
            silent = [master.address] if master and seen and not seen.answers else []
            return silent + self.contradicting(pool)
        return [a for a in addresses if a not in heard or not self._counts(heard[a])]

    def of(self, addresses: Iterable[str]) -> dict[str, Probe]:
        """What was heard of these."""
        wanted = dict.fromkeys(addresses)
        heard = {p.address: p for p in self.probes if p.address in wanted}
        return {a: heard[a] for a in wanted if a in heard}

    def contradicting(self, pool: PoolFacts) -> list[str]:
        """Members that named another master when they were asked last: they may have followed this one since."""
        master = pool.master_host
        heard = self.of(host.address for host in pool.hosts) if master else {}
        return [
            a for a, p in heard.items() if master and p.answers and p.master not in (None, master.address)
        ]

    def again(self, probe: Probe) -> Probe:
        """What an address has just said, with since when it says so."""
        before = next((p for p in self.probes if p.address == probe.address), None)
        same = before and (before.answers, before.master) == (probe.answers, probe.master)
        return replace(probe, since=before.since) if before and same else probe

    def beside(self, pool: PoolFacts) -> tuple[Probe, ...]:
        """What was heard of its members, when the master has just spoken for itself."""
        heard = self.of(host.address for host in pool.hosts)
        master = pool.master_host
        if master:
            heard[master.address] = Probe(
                address=master.address, answers=True, master=master.address, emergency=False
            )
        return tuple(heard.values())

    def _counts(self, probe: Probe) -> bool:
        return self.since is None or (probe.at is not None and probe.at > self.since)


def likeliest(addresses: Sequence[str], probes: Sequence[Probe]) -> tuple[str, ...]:
    """The addresses in the order in which to look for the master: who said that it is, whom most members name, who
    answers; silent ones last. What is equal stays in its order."""
    heard = {p.address: p for p in probes if p.answers}
    named = Counter(p.master for p in heard.values() if p.master and p.address != p.master)
    itself = {p.address for p in heard.values() if p.master == p.address}
    silent = {p.address for p in probes if not p.answers}
    wanted = [*addresses, *(a for a in named if a not in addresses)]
    return tuple(sorted(dict.fromkeys(wanted), key=lambda a: (a not in itself, a in silent, -named[a])))


def silent_master(addresses: Sequence[str], probes: Sequence[Probe], now: datetime) -> Probe | None:
    """The probe that makes asking the master once more a waste: it was just found silent, and no member names another
    or says that it is the master itself."""
    heard = {p.address: p for p in probes if p.at is not None and now - p.at <= RECENT}
    master = heard.get(addresses[0])
    if master is None or master.answers:
        return None
    others = {p.master for p in probes if p.answers and p.master} - {master.address}
    return None if others or any(a not in heard for a in addresses) else master
