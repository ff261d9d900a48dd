"""One look as a plain report: the JSON of `manage.py look`, an interface that other tools rely on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pools.facts import Facts, Host, PoolFacts
from pools.models.finding import evidence_of
from pools.rules import worst
from pools.rules.case import Case, Finding, Severity

WELL, WARNINGS, CRITICAL, COULD_NOT_LOOK = 0, 1, 2, 3
"""Exit statuses."""
Key = tuple[str, str]


def report(
    case: Case, uuid: str, findings: Iterable[Finding], since: Mapping[Key, datetime]
) -> dict[str, Any]:
    """The look as plain values. What was not read now is null; `since` holds the open findings' beginnings."""
    return {
        "pool": _pool(case, uuid),
        "hosts": [_host(case, host) for host in _hosts(case)],
        "findings": [_finding(f, since.get(f.key, case.facts.at)) for f in findings],
    }


def status(findings: Iterable[Finding]) -> int:
    """The exit status; what a run of ours causes does not count."""
    return {Severity.CRITICAL: CRITICAL, Severity.WARNING: WARNINGS}.get(
        worst(findings) or Severity.INFO, WELL
    )


def _pool(case: Case, uuid: str) -> dict[str, Any]:
    pool = case.facts.pool
    master = pool.master_host if pool else None
    return {
        "name": case.pool,
        "uuid": pool.uuid if pool else uuid or None,
        "reachable": pool is not None,
        "master": master.name if master else None,
        "master_address": master.address if master else None,
        **_ha(case.facts),
        "version": master.version if master else None,
        "looked_at": case.facts.at.isoformat(),
    }


def _told(facts: Facts, *calls: str) -> PoolFacts | None:
    """The pool, where none of these calls was refused to us: a role may read one class and not another."""
    refused = {gap.partition(":")[0] for gap in facts.gaps}
    return None if refused.intersection(calls) else facts.pool


def _ha(facts: Facts) -> dict[str, Any]:
    """`ha_heartbeat_srs` are uuids, as enabling HA takes them; they and the timeout stay behind when HA is off."""
    ha = facts.pool.ha if facts.pool else None
    srs = _told(facts, "VDI.get_SR", "SR.get_all_records")
    return {
        "ha_enabled": ha.enabled if ha else None,
        "ha_timeout_s": ha.timeout_s if ha else None,
        "ha_heartbeat_srs": list(srs.ha.statefile_srs) if srs else None,
        "ha_host_failures_to_tolerate": ha.failures_to_tolerate if ha else None,
        "ha_plan_exists_for": ha.plan_exists_for if ha else None,
    }


def _hosts(case: Case) -> tuple[Host, ...]:
    """The members; the last known ones while the master is silent, as CloudStack's side is known all the same."""
    if case.facts.pool:
        return case.facts.pool.hosts
    return case.known.pool.hosts if case.known and case.known.pool else ()


def _host(case: Case, host: Host) -> dict[str, Any]:
    pool = case.facts.pool
    guests = _told(case.facts, "VM.get_all_records")
    return {
        "name": host.name,
        "uuid": host.uuid,
        "address": host.address,
        "is_master": host.uuid == pool.master if pool else None,
        "enabled": host.enabled if pool else None,
        "live": host.live if _told(case.facts, "host_metrics.get_all_records") else None,
        "version": host.version if pool else None,
        "resident_vms": len(guests.vms_on(host.uuid)) if guests else None,
        "cloudstack": _cloudstack(case.facts, host),
    }


def _cloudstack(facts: Facts, host: Host) -> dict[str, Any] | None:
    seen = facts.cs_host(host)
    if seen is None or facts.cloudstack is None:
        return None
    return {
        "id": seen.id,
        "state": seen.state,
        "resourcestate": seen.resourcestate,
        "cluster": facts.cloudstack.cluster_name,
        "managedstate": facts.cloudstack.managedstate,
    }


def _finding(finding: Finding, since: datetime) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "subject": {"kind": finding.subject.kind, "name": finding.subject.name, "uuid": finding.subject.uuid},
        "says": finding.says,
        "evidence": [evidence_of(e) for e in finding.evidence],
        "remedy": finding.remedy,
        "since": since.isoformat(),
    }
