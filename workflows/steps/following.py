"""Steps after an emergency election: the members follow, and both captains catch up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pools.cloudstack_facts import CsHost
from pools.facts import Facts, Host, PoolFacts, Vm
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Api, Call, Check, Handle, Progress, Risk, Step, Traces
from workflows.steps import checks
from workflows.steps.ha import RestoreHa, RestoreTolerance
from workflows.steps.masterless import answers, is_master_now, no_second_master, others

MISSING = "missing"
"""Key of the memory that holds what the new master's database lacks, as sentences."""


@dataclass(frozen=True)
class CompareDatabase(Step):
    """The new master's database is a copy that may be minutes old. What the old master showed last is compared with it,
    object by object: what is missing there has to be looked for by hand before guests are started."""

    title = "Compare the new master's database with what was known"
    within = 120.0

    def remember(self, s: Situation) -> Mapping[str, Any]:
        return {MISSING: list(missing(s.baseline.pool, s.facts.pool))}

    def done(self, s: Situation) -> bool:
        return MISSING in s.memory


@dataclass(frozen=True)
class RecoverMembers(Step):
    """The new master tells every member to follow it. Its call swallows errors and names only whom it reached, so that
    each member is asked afterwards whom it follows."""

    title = "Have the members follow {successor}"
    risk = Risk.MEDIUM
    sends = ("pool.recover_slaves",)
    undo = "Nothing to take back: a member without a master is of no use."
    danger = "Toolstacks of the members restart; guests go on running."
    within = 150.0
    skippable = True
    traces = Traces(tasks=("Async.pool.recover_slaves",))

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield is_master_now(s)
        yield no_second_master(s)
        yield what_is_missing(s)

    def expect(self, s: Situation) -> Facts:
        return _all_follow(s)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call("XenServer", "Async.pool.recover_slaves()", "xe pool-recover-slaves")

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("xapi-task", api.xapi.start("pool.recover_slaves"))

    def done(self, s: Situation) -> bool:
        return not strays(s)

    def progress(self, s: Situation) -> Progress:
        return _left(s)


@dataclass(frozen=True)
class PointMembersAtMaster(Step):
    """The new master did not reach every member, and said nothing about it. Those that are left are told themselves
    whom to follow."""

    title = "Tell the members that are left to follow {successor}"
    risk = Risk.MEDIUM
    sends = ("pool.emergency_reset_master",)
    undo = "Nothing to take back: a member without a master is of no use."
    danger = "Their toolstacks restart; guests go on running."
    within = 300.0
    settle = 30.0
    skippable = True

    def applies(self, s: Situation) -> Check:
        return Check(bool(strays(s)), "every member follows already")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield is_master_now(s)
        yield no_second_master(s)
        for host in strays(s):
            yield Check(
                answers(s, host), f"{host.name} answers", "It is silent: wait for it, or skip this step."
            )

    def expect(self, s: Situation) -> Facts:
        return _all_follow(s)

    def calls(self, s: Situation) -> Iterator[Call]:
        master = s.successor.address
        for host in strays(s):
            yield Call(
                "XenServer",
                f'pool.emergency_reset_master("{master}") on {host.address}, local session',
                f"on {host.name}: xe pool-emergency-reset-master master-address={master}",
            )

    def act(self, api: Api, s: Situation) -> None:
        """One call for each: if one is refused, a retry tells those that are still left."""
        for host in strays(s):
            api.member(host.address).call("pool.emergency_reset_master", s.successor.address)

    def done(self, s: Situation) -> bool:
        return not strays(s)

    def progress(self, s: Situation) -> Progress:
        return _left(s)


@dataclass(frozen=True)
class HostsAreReady(Step):
    """Members enable themselves once their storage is plugged. One that does not is mended with re-enable host, at
    leisure: it does not keep the others from working."""

    title = "Wait until the members are enabled, with their storage"
    within = 300.0
    skippable = True

    def preconditions(self, s: Situation) -> Iterator[Check]:
        for host in _living(s):
            yield checks.is_live(s, host)
            yield checks.is_enabled(s, host)
            yield checks.storage_attached(s, host)

    def expect(self, s: Situation) -> Facts:
        facts, mine = s.facts, {host.uuid for host in _living(s)}
        for uuid in mine:
            facts = facts.with_host(uuid, live=True, enabled=True)
        return facts.with_pool(
            pbds=tuple(replace(p, attached=True) if p.host in mine else p for p in s.pool.pbds)
        )

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))

    def progress(self, s: Situation) -> Progress:
        hosts = [s.pool.host(host.uuid) for host in _living(s)]
        left = sum(not (h and h.live and h.enabled) for h in hosts)
        return Progress(f"{len(hosts) - left} of {len(hosts)} members are ready", left=left)


@dataclass(frozen=True)
class CloudStackFollows(Step):
    """CloudStack finds the new master by asking any member; no call is needed. It takes one to four minutes."""

    title = "Wait until CloudStack shows the members Up"
    within = 900.0
    skippable = True

    def applies(self, s: Situation) -> Check:
        return Check(s.has_cloudstack, "the pool is not connected to a CloudStack")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        late = [f"{h.name} is {h.state}" for h in _in_cloudstack(s) if h.state != "Up"]
        yield Check(not late, "CloudStack shows the members Up", "It follows by itself.", ", ".join(late))

    def expect(self, s: Situation) -> Facts:
        facts = s.facts
        for host in _in_cloudstack(s):
            facts = facts.with_cs_host(host.id, state="Up")
        return facts

    def done(self, s: Situation) -> bool:
        return all(host.state == "Up" for host in _in_cloudstack(s))

    def progress(self, s: Situation) -> Progress:
        members = _in_cloudstack(s)
        left = sum(host.state != "Up" for host in members)
        return Progress(f"{len(members) - left} of {len(members)} hosts are Up in CloudStack", left=left)


@dataclass(frozen=True)
class RestoreHaWhenWhole(RestoreHa):
    """HA goes on with the settings that were in force before. XAPI refuses that as long as a member is dead, and so
    does this: it stays owed until the dead host is back or out of the pool."""

    def applies(self, s: Situation) -> Check:
        restored = super().applies(s)
        if not restored.ok:
            return restored
        dead = [h.name for h in s.pool.hosts if not h.live]
        return Check(not dead, f"XAPI refuses HA while {', '.join(dead)} is dead, so HA stays owed")


@dataclass(frozen=True)
class RestoreToleranceWhenWhole(RestoreTolerance):
    """How many host failures the pool plans for is a setting of its own. It is looked at only once HA is on again."""

    def applies(self, s: Situation) -> Check:
        return super().applies(s) if s.pool.ha.enabled else Check(False, "HA is off")


def strays(s: Situation) -> tuple[Host, ...]:
    """Members that were there and do not follow the new master yet."""
    return tuple(h for h in others(s) if was_there(s, h) and not follows(s, h))


def follows(s: Situation, host: Host) -> bool:
    """Whether that member names the successor as its master, is not in emergency mode, and was heard by it."""
    seen, known = s.probe(host), s.facts.pool.host(host.uuid) if s.facts.pool else None
    names = bool(seen and seen.answers and seen.master == s.successor.address and not seen.emergency)
    return names and bool(known and known.live)


def was_there(s: Situation, host: Host) -> bool:
    """Silent already when the run was planned: it is not waited for, and finds its way, or is removed, later."""
    before = next((p for p in s.baseline.probes if p.address == host.address), None)
    return before is None or before.answers


def what_is_missing(s: Situation) -> Check:
    """Said where a person reads it, before the next step is confirmed; it holds nobody up."""
    found = s.memory.get(MISSING, [])
    if not found:
        return Check(True, "Nothing that was known is missing in the new master's database")
    return Check(True, "Known before and not so in the new master's database", detail="; ".join(found))


def missing(was: PoolFacts | None, now: PoolFacts | None) -> Iterator[str]:
    """Sentences: what the pool showed before and this database does not, or shows otherwise."""
    if was is None or now is None:
        raise NotKnown("The two databases can be compared when both were read.")
    kinds = (("host", was.hosts, now.hosts), ("SR", was.srs, now.srs), ("guest", was.vms, now.vms))
    for kind, before, after in kinds:
        here = {each.uuid for each in after}
        yield from (f"{kind} {each.name} is missing" for each in before if each.uuid not in here)
    shown = {guest.uuid: guest for guest in now.vms}
    for guest in was.vms:
        seen = shown.get(guest.uuid)
        if seen and (seen.power_state, seen.host) != (guest.power_state, guest.host):
            yield f"guest {guest.name} was {_where(was, guest)} and is {_where(now, seen)} there"


def _where(pool: PoolFacts, guest: Vm) -> str:
    host = pool.host(guest.host)
    return f"{guest.power_state} on {host.name}" if host else guest.power_state


def _left(s: Situation) -> Progress:
    left = strays(s)
    return Progress(f"{', '.join(h.name for h in left) or 'nobody'} not back yet", left=len(left))


def _all_follow(s: Situation) -> Facts:
    back = {host.uuid: host.address for host in strays(s)}
    probes = (
        replace(p, answers=True, master=s.successor.address, emergency=False)
        if p.address in back.values()
        else p
        for p in s.facts.probes
    )
    facts = replace(s.facts, probes=tuple(probes))
    for uuid in back:
        facts = facts.with_host(uuid, live=True)
    return facts


def _living(s: Situation) -> tuple[Host, ...]:
    """The successor and the members that were there."""
    return (s.successor, *(h for h in others(s) if was_there(s, h)))


def _in_cloudstack(s: Situation) -> list[CsHost]:
    found = (s.cloudstack.host_at(host.address) for host in _living(s))
    return [host for host in found if host]
