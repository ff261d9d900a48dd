"""What XenServer says of one host, in words, and why it would be disabled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pools.facts import Host, PoolFacts, Probe
from pools.rules.case import Case
from pools.rules.words import clock, last_known, listed

STARTING = timedelta(minutes=10)
"""A host enables itself after storage is plugged at start; until then `booting` is reason enough."""
SILENCE = {
    "refused": "the connection is refused",
    "timeout": "no answer in time",
    "no-route": "no way to it",
    "unknown-name": "its name is not known here",
    "cut": "the connection is closed at once",
}
"""Codes of troubles and probes that mean: nobody answered there. In words for a sentence."""


def probe_of(case: Case, host: Host) -> Probe | None:
    return next((p for p in case.facts.probes if p.address == host.address), None)


def silent(case: Case, host: Host) -> Probe | None:
    """The probe that found nobody at the host's own address, if it did."""
    probe = probe_of(case, host)
    return probe if probe and not probe.answers and probe.code in SILENCE else None


def gone(case: Case, host: Host) -> bool:
    """Whether the master calls the host dead, or nobody answers at its own address."""
    return not host.live or silent(case, host) is not None


def says_xenserver(case: Case, host: Host | None) -> str:
    """One sentence: what XenServer says of the host behind a CloudStack state."""
    if case.facts.pool is None:
        return "XenServer does not answer, so nothing is known from its side."
    if host is None:
        return "XenServer does not have it in the pool."
    if not host.live:
        return "XenServer says it is dead."
    if silent(case, host):
        return "XenServer says it is live, but its own address does not answer."
    if not host.enabled:
        return f"XenServer says it is live, but disabled: {why_disabled(case, host)}."
    return "XenServer says it is live and enabled."


def why_disabled(case: Case, host: Host) -> str:
    """The reason in words, as far as the facts tell it."""
    pool = last_known(case)
    reasons = list(_reasons(case, pool, host)) if pool else []
    return "; ".join(reasons) or "no reason is found in what XenServer tells"


def _reasons(case: Case, pool: PoolFacts, host: Host) -> Iterator[str]:
    if lost := pool.detached(host.uuid):
        keeps = " (with HA on, that keeps a host disabled)" if pool.ha.enabled else ""
        yield f"storage {listed(s.name for s in lost)} {'is' if len(lost) == 1 else 'are'} unplugged{keeps}"
    if host.pending_guidances:
        yield f"guidance is pending: {listed(host.pending_guidances)}"
    if host.auto_enable is False:
        yield "it is set not to enable itself after a boot"
    if host.maintenance_mode:
        yield "XenCenter's maintenance mode is set"
    probe = probe_of(case, host)
    if probe and probe.emergency:
        yield "it is in emergency mode"
    started = host.agent_start_time or host.boot_time
    if started is not None:
        age = case.now - _moment(started)
        if timedelta(0) <= age < STARTING:
            yield f"it started at {clock(_moment(started))} and may not be ready yet"


def _moment(epoch: float) -> datetime:
    try:
        return datetime.fromtimestamp(epoch, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.min.replace(tzinfo=UTC)
