"""What is known of one host: whether anybody answers there, and when it started."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pools.facts import Host, Probe
from pools.rules.case import Case
from pools.rules.patience import lasts

SETTLING = timedelta(minutes=3)
"""A master that starts marks every host dead and disabled until each one has reported (xapi_ha.ml:1132), and a host
that starts enables itself once its storage is plugged: for so long that is the start itself, and no trouble."""
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
    """The probe that found nobody at the host's own address, if it did, and for longer than a restart takes."""
    probe = probe_of(case, host)
    return probe if probe and not probe.answers and probe.code in SILENCE and lasts(case, probe) else None


def answers(case: Case, host: Host) -> bool:
    """Whether somebody was asked at the host's own address, and was there."""
    probe = probe_of(case, host)
    return probe is not None and probe.answers


def dead(case: Case, host: Host) -> bool:
    """Whether the master calls the host dead. One that has just started does so before it has heard of anybody: then
    the host's own address must be silent, too."""
    pool = case.facts.pool
    settling = started_within(case, pool.master_host if pool else None, SETTLING)
    return not host.live and not (settling and silent(case, host) is None)


def gone(case: Case, host: Host) -> bool:
    """Whether it is dead, or nobody answers at its own address."""
    return dead(case, host) or silent(case, host) is not None


def started(host: Host) -> datetime | None:
    """When its toolstack started last, or else the host itself."""
    epoch = host.agent_start_time or host.boot_time
    if epoch is None:
        return None
    try:
        return datetime.fromtimestamp(epoch, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def started_within(case: Case, host: Host | None, span: timedelta) -> bool:
    """Whether its toolstack started so lately. A start that lies ahead is another clock's, and tells nothing."""
    at = started(host) if host else None
    return at is not None and timedelta(0) <= case.ago(at) < span
