"""Where HA's statefile lies, or could lie."""

from __future__ import annotations

from collections.abc import Iterator

from pools.facts import Host, PoolFacts, Sr
from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.words import MANY, listed, the_host, the_pool, xenserver

STATEFILE_TYPES = frozenset({"nfs", "lvmoiscsi", "lvmohba", "lvmofcoe", "gfs2", "smb", "linstor"})
"""SR types whose driver can attach a VDI before the toolstack runs (SM feature VDI_GENERATE_CONFIG)."""

NO_SR = Code(
    slug="ha-no-shared-sr",
    severity=Severity.WARNING,
    fires="no SR could hold a statefile: a fitting driver, and a PBD on every host",
    means="HA cannot be turned on in this pool until it has shared storage that every host reaches.",
)
DETACHED = Code(
    slug="ha-statefile-detached",
    severity=Severity.CRITICAL,
    fires=(
        "HA is on, and the heartbeat SR is not attached on a host, or a live host does not reach the "
        "statefile"
    ),
    means="That host counts as dead as soon as it also loses the heartbeat network: it fences itself.",
)
CODES = (NO_SR, DETACHED)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    if pool is None:
        return
    if pool.srs and pool.pbds and not any(_could(pool, sr) for sr in pool.srs):
        says = (
            f"No SR of {case.pool} could hold a statefile "
            f"({listed(f'{s.name}: {s.type}' for s in pool.srs)})."
        )
        types = (xenserver(case, f"type of {s.name}", s.type) for s in pool.srs[:MANY])
        yield NO_SR.found(the_pool(case), says, *types)
    if pool.ha.enabled:
        for host in pool.hosts:
            yield from _detached(case, pool, host)


def _could(pool: PoolFacts, sr: Sr) -> bool:
    if sr.can_host_statefile is not None:
        return sr.can_host_statefile
    reached = {p.host for p in pool.pbds if p.sr == sr.uuid}
    return (
        sr.type in STATEFILE_TYPES and sr.content_type != "iso" and all(h.uuid in reached for h in pool.hosts)
    )


def _detached(case: Case, pool: PoolFacts, host: Host) -> Iterator[Finding]:
    cut = [sr for uuid in pool.ha.statefile_srs if (sr := pool.sr(uuid)) and not _attached(pool, host, uuid)]
    if cut and pool.pbds:
        says = f"The heartbeat SR {listed(s.name for s in cut)} is not attached on {host.name}."
        yield DETACHED.found(the_host(host), says, xenserver(case, "currently_attached", False))
    elif host.live and not host.ha_statefiles and any(h.ha_statefiles for h in pool.hosts):
        says = f"{host.name} is live, but the pool's live set says that it does not reach the statefile."
        yield DETACHED.found(the_host(host), says, xenserver(case, "ha_statefiles", "empty"))


def _attached(pool: PoolFacts, host: Host, sr: str) -> bool:
    return any(p.attached for p in pool.pbds if p.host == host.uuid and p.sr == sr)
