"""HA's plan for failures: short of its target."""

from __future__ import annotations

from collections.abc import Iterator

from pools.facts import PoolFacts
from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.reasons import only_starting
from pools.rules.state import SETTLING, started_within
from pools.rules.words import count, listed, span, the_pool, xenserver

STARTS = (
    f"info while a host is only starting, or has just started and all are enabled again ({span(SETTLING)})"
)

SHORT = Code(
    slug="ha-plan-short",
    severity=Severity.WARNING,
    fires="`ha_plan_exists_for` is below `ha_host_failures_to_tolerate`",
    means=(
        "XenServer has no plan for as many lost hosts as it should bear: some host is away, disabled or full."
    ),
    otherwise=STARTS,
)
OVERCOMMITTED = Code(
    slug="ha-overcommitted",
    severity=Severity.WARNING,
    fires="`ha_overcommitted` is set",
    means="The protected guests no longer fit when a host is lost.",
    otherwise=STARTS,
)
CODES = (SHORT, OVERCOMMITTED)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    if pool is None or not pool.ha.enabled:
        return
    ha = pool.ha
    severity = Severity.INFO if _only_starting(case, pool) else None
    if ha.plan_exists_for < ha.failures_to_tolerate:
        says = (
            f"{case.pool} should bear {count(ha.failures_to_tolerate, 'lost host')}; a plan exists for "
            f"{ha.plan_exists_for}."
        )
        yield SHORT.found(
            the_pool(case),
            says,
            xenserver(case, "ha_host_failures_to_tolerate", ha.failures_to_tolerate),
            xenserver(case, "ha_plan_exists_for", ha.plan_exists_for),
            severity=severity,
            remedy=_bring_back(pool),
        )
    if ha.overcommitted:
        says = (
            f"XenServer says that {case.pool} is overcommitted for "
            f"{count(ha.failures_to_tolerate, 'lost host')}."
        )
        flag = xenserver(case, "ha_overcommitted", True)
        yield OVERCOMMITTED.found(the_pool(case), says, flag, severity=severity, remedy=_bring_back(pool))


def _bring_back(pool: PoolFacts) -> str | None:
    """A host that is away comes first; with all of them there, a person has to make room."""
    away = [host.name for host in pool.hosts if not (host.live and host.enabled)]
    return (
        f"Bring {listed(away)} back first: the plan lacks {'it' if len(away) == 1 else 'them'}."
        if away
        else None
    )


def _only_starting(case: Case, pool: PoolFacts) -> bool:
    """Once the last host is enabled, the next plan is made within half a minute: until then the old one stands."""
    if all(host.live and host.enabled for host in pool.hosts):
        return any(started_within(case, host, SETTLING) for host in pool.hosts)
    return any(not host.enabled and only_starting(case, host) for host in pool.hosts)
