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
    that is evidence. `stale`: something has just happened, and nothing of it is evidence any more but how long it has
    been so."""

    probes: tuple[Probe, ...] = ()
    since: datetime | None = None
    stale: bool = False

    def missing(self, addresses: Iterable[str], pool: PoolFacts | None) -> list[str]:
        """Whom the look has to ask by itself: of a pool that was read, a master whose own address seems silent, and
        members that named another one when they were asked last; else everybody who was not asked since."""
        heard = {} if self.stale else {p.address: p for p in self.probes}
        if pool is not None and not self.stale:
            master = pool.master_host
            seen = heard.get(master.address) if master else None
            silent = [master.address] if master and seen and not seen.answers else []
            return silent + self.contradicting(pool)
        return [a for a in addresses if a not in heard or not self._counts(heard[a])]

    def of(self, addresses: Iterable[str]) -> dict[str, Probe]:
        """What was heard of these."""
        wanted = {} if self.stale else dict.fromkeys(addresses)
        heard = {p.address: p for p in self.probes if p.address in wanted}
        return {a: heard[a] for a in wanted if a in heard}

    def contradicting(self, pool: PoolFacts) -> list[str]:
        """Members that named another master when they were asked last: they may have followed this one since."""
        master = pool.master_host
        heard = self.of(host.address for host in pool.hosts) if master else {}
        return [
            a for a, p in heard.items() if master and p.answers and p.master not in (None, master.address)
        ]

    def again(self, probe: Probe, at: datetime) -> Probe:
        """What an address has said at that moment, with since when it says so. A word is believed at once; a silence
        that nobody has heard before has only begun."""
        before = next((p for p in self.probes if p.address == probe.address), None)
        if before and _says(before) == _says(probe):
            return replace(completed(probe, before), since=before.since)
        return probe if probe.answers else replace(probe, since=at)

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


def completed(probe: Probe, before: Probe) -> Probe:
    """With what the same address said of its emergency mode, where it answers as before and that question stayed open,
    as through a slow network: nothing is over because nobody heard of it."""
    same = probe.answers and before.answers and probe.code == before.code
    return replace(probe, emergency=before.emergency) if same and probe.emergency is None else probe


def _says(probe: Probe) -> tuple[object, ...]:
    return probe.answers, probe.master, None if probe.answers else probe.code


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
