"""Steps that take hosts into the pool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pools.facts import Facts, Host, Newcomer, Pbd, Probe
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Api, Call, Causes, Check, Handle, Progress, Risk, Step, Traces, Word
from workflows.steps import checks
from workflows.steps.fitness import fits, named, newcomer

STRANGERS = "strangers"
SMALL_POOL = 3
"""The most hosts that a pool may have by a licence that restricts its size (xapi_globs.ml, restricted_pool_size)."""


@dataclass(frozen=True)
class LookAtThePool(Step):
    """The pool that is to become a cluster has to be well, and CloudStack has to answer, although it does not know the
    pool yet."""

    title = "Look at the pool, and at CloudStack"
    within = 30.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.all_live(s)
        yield checks.all_answer(s)
        yield checks.nothing_under_way(s)
        yield Check(s.facts.cloudstack is not None, "CloudStack answers", "See why it does not, first.")

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))


@dataclass(frozen=True)
class InspectNewcomers(Step):
    """XAPI refuses a host that does not fit only when it is asked to join, and HA is off by then. Everything that it
    will ask is asked here, of each host and of the master, before anything is touched."""

    title = "Compare the new hosts with the master"
    within = 60.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        for one in named(s.inputs.get(STRANGERS, "")):
            if not is_member(s, one.address):
                yield from fits(newcomer(s, one.address), s.facts.measure or s.baseline.measure, s.pool)

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))


@dataclass(frozen=True)
class JoinPool(Step):
    """The host gives up the pool that it leads, takes the identity of this one and restarts its toolstack. It is asked
    at its own address, with the password that was given for this run; it gets the pool's password from us."""

    address: str
    name: str

    title = "Join {name} to the pool"
    risk = Risk.HIGH
    sends = ("pool.join",)
    undo = "Eject it again; its local storage is wiped then."
    danger = "The host loses its own pool's settings, and its toolstack restarts as a member."
    within = 900.0
    settle = 120.0
    traces = Traces(tasks=("Async.pool.join",))
    causes = Causes(
        pool=("host-unknown-to-cloudstack",), passing=("host-disabled", "host-dead", "host-storage-detached")
    )

    def heading(self, s: Situation) -> str:
        return self.title.format(name=self.name)

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.ha_is_off(s)
        yield checks.nothing_under_way(s)
        found = newcomer(s, self.address)
        yield small_enough(found, len(s.pool.hosts))
        measure = s.facts.measure or s.baseline.measure
        against = [check for check in fits(found, measure, s.pool) if not check.ok]
        yield from against or [Check(True, f"XAPI has no reason to refuse {self.name}")]

    def expect(self, s: Situation) -> Facts:
        if is_member(s, self.address):
            return s.facts
        return _joined(s, newcomer(s, self.address))

    def calls(self, s: Situation) -> Iterator[Call]:
        master = _master(s).address
        yield Call(
            "XenServer",
            f'{self.address}: Async.pool.join("{master}", "{Word.POOL_USER}", "{Word.POOL_PASSWORD}")',
            f"xe -s {self.address} pool-join master-address={master} master-username={Word.POOL_USER} "
            f"master-password={Word.POOL_PASSWORD}",
        )

    def act(self, api: Api, s: Situation) -> Handle:
        host = api.newcomer(self.address)
        task = host.start("pool.join", _master(s).address, Word.POOL_USER, Word.POOL_PASSWORD)
        return Handle("xapi-task", task)

    def done(self, s: Situation) -> bool:
        if is_member(s, self.address):
            return True
        newcomer(s, self.address)  # one that cannot be read proves nothing
        return False


@dataclass(frozen=True)
class MembersReady(Step):
    """A host that has joined is disabled until its toolstack has restarted and the pool's storage is plugged. HA goes
    on only with hosts that are ready for it."""

    title = "Wait until the new hosts are live and enabled"
    within = 900.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        for one in named(s.inputs.get(STRANGERS, "")):
            host = member(s, one.address)
            yield Check(host is not None, f"{one.address} is a member", "It has not joined.")
            if host:
                yield checks.is_live(s, host)
                yield checks.is_enabled(s, host)
                yield checks.storage_attached(s, host)

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))

    def progress(self, s: Situation) -> Progress:
        wanted = named(s.inputs.get(STRANGERS, ""))
        ready = sum(1 for one in wanted if (host := member(s, one.address)) and host.live and host.enabled)
        return Progress(f"{ready} of {len(wanted)} hosts are ready", ready / max(1, len(wanted)))


def joins(s: Situation) -> tuple[JoinPool, ...]:
    """One step for each host of the form."""
    wanted = named(s.inputs.get(STRANGERS, ""))
    names = {n.address: n.name for facts in (s.facts, s.baseline) for n in facts.newcomers}
    return tuple(JoinPool(one.address, names.get(one.address) or one.address) for one in wanted)


def unfit(s: Situation) -> Iterator[Check]:
    """Refusals before the start: each host that was looked at and does not fit, with XAPI's reason."""
    wanted = named(s.inputs.get(STRANGERS, ""))
    yield Check(bool(wanted), "Some host is named", "Give the address of each host on a line of its own.")
    for place, found in enumerate(s.facts.newcomers):
        asked = (*fits(found, s.facts.measure, s.pool), small_enough(found, len(s.pool.hosts) + place))
        against = [check for check in asked if not check.ok]
        yield from against or [Check(True, f"XAPI has no reason to refuse {found.name}")]


def small_enough(found: Newcomer, members: int) -> Check:
    """XAPI asks the licence of the one that joins, by what the pool counts at that moment."""
    restricted = found.passport is not None and found.passport.large_pools is False
    return Check(
        not restricted or members < SMALL_POOL,
        f"The licence of {found.name} has pools of this size",
        f"LICENCE_RESTRICTION: it has {SMALL_POOL} hosts at most, and would be number {members + 1}. Apply another "
        "licence.",
    )


def member(s: Situation, address: str) -> Host | None:
    return next((h for h in s.pool.hosts if h.address == address), None)


def is_member(s: Situation, address: str) -> bool:
    return member(s, address) is not None


def _master(s: Situation) -> Host:
    master = s.pool.master_host
    if master is None:
        raise NotKnown("The pool does not say who its master is.")
    return master


def _joined(s: Situation, found: Newcomer) -> Facts:
    """The pool with the host in it, its shared storage plugged."""
    version = found.passport.version if found.passport else ""
    host = Host(
        uuid=found.uuid,
        ref="",
        name=found.name,
        address=found.address,
        enabled=True,
        live=True,
        version=version,
    )
    plugs = tuple(
        Pbd(uuid=f"{found.uuid} {sr.uuid}", ref="", host=found.uuid, sr=sr.uuid, attached=True)
        for sr in s.pool.srs
        if sr.shared
    )
    known = s.facts.with_pool(hosts=(*s.pool.hosts, host), pbds=(*s.pool.pbds, *plugs))
    probe = Probe(address=found.address, answers=True, master=_master(s).address)
    return replace(known, probes=(*known.probes, probe))
