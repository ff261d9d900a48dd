"""High availability, property by property: its value, what it means on this pool, and whether it is right. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pools.facts import Facts, PoolFacts
from pools.rules.case import Finding, Policy

RIGHT = "ok"


@dataclass(frozen=True, slots=True)
class Property:
    """One row. `mark` is `ok`, a severity, or `none` where nothing is judged; `judged` is its word."""

    name: str
    value: str
    means: str
    mark: str
    judged: str


def properties(facts: Facts, policy: Policy, findings: Sequence[Finding]) -> tuple[Property, ...]:
    """The ha_* properties in the order in which they matter; empty while the pool cannot be read."""
    return tuple(_properties(facts.pool, policy, findings)) if facts.pool else ()


def _properties(pool: PoolFacts, policy: Policy, findings: Sequence[Finding]) -> Iterator[Property]:
    ha = pool.ha

    def row(name: str, value: str, means: str, *codes: str, right: str = "Right") -> Property:
        odd = next((f for f in findings if f.code in codes), None)
        if odd is None:
            return Property(name, value, means, RIGHT, right)
        return Property(name, value, means, odd.severity.value, _VERDICT.get(odd.code, "Not right"))

    yield row("ha_enabled", _truth(ha.enabled), _enabled(ha.enabled, policy), *_OFF)
    if ha.enabled:
        timeout = f"{ha.timeout_s} s" if ha.timeout_s else "not set"
        yield row("ha_configuration : timeout", timeout, _timeout(ha.timeout_s, policy), *_TIMEOUT)
    elif ha.timeout_s:
        kept = "What it was set to last; XenServer keeps it while HA is off."
        yield Property("ha_configuration : timeout", f"{ha.timeout_s} s", kept, "none", "Not in force")
    guard = f"{ha.default_timeout_s} s" if ha.default_timeout_s else "not set"
    yield row("other_config : default_ha_timeout", guard, _guard(ha.default_timeout_s), "ha-timeout-guard")
    if ha.enabled:
        yield row("ha_statefiles", _statefiles(pool), _attached(pool), "ha-statefile-detached")
        tolerate = f"A plan exists for {ha.plan_exists_for}."
        yield row("ha_host_failures_to_tolerate", str(ha.failures_to_tolerate), tolerate, "ha-plan-short")
        over = "More is promised than can be kept." if ha.overcommitted else "What is promised can be kept."
        yield row("ha_overcommitted", _truth(ha.overcommitted), over, "ha-overcommitted")
        few = "With fewer than three, the last ones fence each other."
        yield row("live hosts", str(sum(h.live for h in pool.hosts)), few, "ha-too-few-hosts")
    protected = sum(bool(v.ha_restart_priority) for v in pool.vms)
    means = "CloudStack restarts the guests; XenServer must not."
    yield row("ha_restart_priority", f"set on {protected} of {len(pool.vms)}", means, "vm-protected")


_OFF = ("ha-off-unwanted", "no-master-recovery", "two-captains")
_TIMEOUT = ("ha-timeout-unset", "ha-timeout-short")
_VERDICT = {
    "ha-off-unwanted": "Wanted on",
    "no-master-recovery": "Nobody recovers",
    "two-captains": "Two captains",
    "ha-timeout-unset": "Not set",
    "ha-timeout-short": "Too short",
    "ha-timeout-guard": "Set it too",
    "ha-statefile-detached": "Not everywhere",
    "ha-plan-short": "No plan",
    "ha-overcommitted": "Too much",
    "ha-too-few-hosts": "Too few",
    "vm-protected": "Clear it",
}


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _enabled(on: bool, policy: Policy) -> str:
    if on:
        return "XenServer elects a new master by itself."
    wanted = "Policy wants it on." if policy.wants_ha else "Policy wants it off."
    return f"Nobody elects a new master if this one dies. {wanted}"


def _timeout(timeout: int | None, policy: Policy) -> str:
    if timeout is None:
        return "The version's default is in force: 30 to 60 s, a storage hiccup fences the pool."
    return f"A host that cannot write its heartbeat for {timeout} s fences itself. Policy: {policy.ha_timeout_s} s."


def _guard(value: int | None) -> str:
    if value is None:
        return "Another tool that turns HA on falls back to the version's default."
    return f"Another tool that turns HA on falls back to {value} s."


def _statefiles(pool: PoolFacts) -> str:
    names = [sr.name if (sr := pool.sr(uuid)) else uuid[:8] for uuid in pool.ha.statefile_srs]
    return f"on {', '.join(names)}" if names else "not known"


def _attached(pool: PoolFacts) -> str:
    srs = set(pool.ha.statefile_srs[:1])
    attached = {p.host for p in pool.pbds if p.sr in srs and p.attached}
    return f"Attached on {len(attached)} of {len(pool.hosts)} hosts." if srs else "Its SR could not be read."
