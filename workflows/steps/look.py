"""Steps that only look: at the start, while the captains catch up, and at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pools.facts import Facts
from workflows.engine.situation import Situation
from workflows.engine.step import Check, Progress, Step
from workflows.steps import checks
from workflows.steps.ha import RestoreHa, describe


@dataclass(frozen=True)
class LookAtBothCaptains(Step):
    """A run that starts on a pool in trouble makes two troubles of one. Everything that has to hold is asked of both
    captains before anything is touched."""

    title = "Look at both captains"
    within = 30.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.all_live(s)
        yield checks.all_answer(s)
        yield checks.nothing_under_way(s)
        if s.has_cloudstack:
            yield checks.managed(s)

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))


@dataclass(frozen=True)
class LookAtTheOthers(Step):
    """The host that this run is about is dead, or may be. All the others have to be well, since XAPI asks each of them,
    and what is done for a dead host must not hide a second trouble."""

    title = "Look at the others, with both captains"
    within = 30.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.all_live(s, but=s.host.uuid)
        yield checks.all_answer(s, but=s.host.uuid)
        yield checks.nothing_under_way(s)
        if s.has_cloudstack:
            yield checks.managed(s)

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))


@dataclass(frozen=True)
class BothCaptainsFollow(Step):
    """After a change of master every host is disabled until it has said hello, and CloudStack finds the new master by
    itself, by asking any member. Going on before that would meet hosts that are not ready."""

    title = "Wait until both captains follow the new master"
    within = 900.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(s.pool.master == s.successor.uuid, f"{s.successor.name} is the master")
        yield checks.all_live(s)
        for host in s.pool.hosts:
            yield checks.is_enabled(s, host)
        if s.has_cloudstack:
            yield _up_in_cloudstack(s)

    def expect(self, s: Situation) -> Facts:
        return _all_back(s)

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))

    def progress(self, s: Situation) -> Progress:
        back = sum(h.live and h.enabled for h in s.pool.hosts)
        return Progress(f"{back} of {len(s.pool.hosts)} hosts are back", back / len(s.pool.hosts))


@dataclass(frozen=True)
class PoolIsWhole(Step):
    """The run is over when both captains say so, not when the last call returned: every host is live, enabled and Up,
    and HA is as it was found."""

    title = "Verify the pool with both captains"
    within = 900.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        if _ha_comes_back(s):
            cure = f"It was on with {describe(s)}. Turn it on so again, then retry."
            yield Check(RestoreHa().done(s), "HA is on, as it was found", cure)
        yield checks.all_live(s)
        for host in s.pool.hosts:
            yield checks.is_enabled(s, host)
        if s.has_cloudstack:
            yield _up_in_cloudstack(s)

    def expect(self, s: Situation) -> Facts:
        back = _all_back(s)
        return RestoreHa().expect(s.after(back)) if _ha_comes_back(s) else back

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))


@dataclass(frozen=True)
class BothCaptainsAgree(PoolIsWhole):
    """The run is over when both captains say so, not when the last call returned: the host is gone from both, the
    others are live, enabled and Up, and HA is as it was found."""

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(not s.in_pool, f"{s.host.name} is no longer in the pool")
        if s.has_cloudstack:
            yield Check(s.cs_host is None, f"{s.host.name} is no longer in CloudStack")
        yield from super().preconditions(s)


def _ha_comes_back(s: Situation) -> bool:
    return RestoreHa().applies(s).ok


def _leaving(s: Situation) -> str:
    """Address of the run's host, which may be away in CloudStack; empty for a run about the whole pool."""
    return s.host.address if "host" in s.inputs else ""


def _all_back(s: Situation) -> Facts:
    facts = s.facts
    for host in s.pool.hosts:
        facts = facts.with_host(host.uuid, live=True, enabled=True)
    if not s.has_cloudstack:
        return facts
    others = (replace(h, state="Up") if h.address != _leaving(s) else h for h in s.cloudstack.hosts)
    return facts.with_cloudstack(hosts=tuple(others))


def _up_in_cloudstack(s: Situation) -> Check:
    """The host that leaves is in maintenance and may be away; the others have to be Up."""
    late = [h for h in s.cloudstack.hosts if h.state != "Up" and h.address != _leaving(s)]
    says = ", ".join(f"{h.name} is {h.state}" for h in late)
    what = "the other hosts" if _leaving(s) else "every host"
    return Check(not late, f"CloudStack shows {what} Up", "It follows within 4 min by itself.", says)
