"""Upkeep that waits: restarts, versions, certificates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pools.facts import Host, PoolFacts
from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.words import clock, listed, the_host, the_pool, xenserver

NOTICE = timedelta(days=30)

RESTART = Code(
    slug="host-restart-pending",
    severity=Severity.INFO,
    fires="guidance asks for a reboot or a toolstack restart, or an installed update waits for a reboot",
    means="An update is installed, but not in force until the restart.",
    remedy="rolling-reboot",
)
MIXED = Code(
    slug="host-versions-mixed",
    severity=Severity.WARNING,
    fires="members run different versions",
    means=(
        "A pool of mixed versions is meant for the hours of an upgrade only: guests move to newer hosts, "
        "not back."
    ),
    remedy="rolling-reboot",
)
CERTIFICATE = Code(
    slug="certificate-expiring",
    severity=Severity.WARNING,
    fires=f"a host's TLS certificate has less than {NOTICE.days} days",
    means="When it has expired, clients that check it, this console among them, no longer talk to the host.",
)
CODES = (RESTART, MIXED, CERTIFICATE)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    if pool is None:
        return
    yield from _mixed(case, pool)
    for host in pool.hosts:
        asked = [g for g in host.pending_guidances if g.startswith(("reboot_host", "restart_toolstack"))]
        if asked:
            says = f"{host.name} is to be restarted: {listed(asked)}."
            yield RESTART.found(the_host(host), says, xenserver(case, "pending_guidances", listed(asked)))
        elif host.reboot_due:
            says = f"An update of {host.name} is in force only after a reboot."
            yield RESTART.found(the_host(host), says, xenserver(case, "updates_requiring_reboot", True))
        yield from _certificate(case, host)


def _mixed(case: Case, pool: PoolFacts) -> Iterator[Finding]:
    versions = sorted({h.version for h in pool.hosts if h.version})
    if len(versions) > 1:
        parts = [f"{v} on {listed(h.name for h in pool.hosts if h.version == v)}" for v in versions]
        evidence = [xenserver(case, f"version of {h.name}", h.version) for h in pool.hosts if h.version]
        yield MIXED.found(the_pool(case), f"Members run different versions: {'; '.join(parts)}.", *evidence)


def _certificate(case: Case, host: Host) -> Iterator[Finding]:
    ends = host.certificate_expires
    if ends is None or ends - case.now >= NOTICE:
        return
    how = f"{'ends' if ends > case.now else 'ended'} at {clock(ends)}"
    yield CERTIFICATE.found(
        the_host(host), f"The TLS certificate of {host.name} {how}.", xenserver(case, "not after", ends)
    )
