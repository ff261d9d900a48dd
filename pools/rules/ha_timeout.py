"""The HA timeout: not set, too short, or not guarded against another tool's re-enable."""

from __future__ import annotations

from collections.abc import Iterator

from pools.facts import PoolFacts
from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.words import the_pool, xenserver
from pools.timing import timing

DANGEROUS_S = 60
"""At or below this a busy storage array makes the whole pool fence itself."""
DEFAULT_S, DEFAULT_BEFORE, DEFAULT_THEN_S = 60, (6, 2), 30
"""What a release gives without any word: 60 s from 6.2 on (xapi_ha.ml:240), 30 s in what came before."""

UNSET = Code(
    slug="ha-timeout-unset",
    severity=Severity.CRITICAL,
    fires="HA is on without an explicit timeout",
    means=(
        "The version's default (60 s, before 6.2 30 s) is in force unless `default_ha_timeout` says otherwise: a short "
        "stall of the storage reboots every host."
    ),
    remedy="change-ha-timeout",
    otherwise="info while `default_ha_timeout` gives at least what the policy wants",
)
SHORT = Code(
    slug="ha-timeout-short",
    severity=Severity.WARNING,
    fires="HA is on with a timeout below the pool's policy (180 s unless it says otherwise)",
    means=(
        "A stall of network or storage that CloudStack's own heartbeat (120 s unless it was changed) would outlast "
        "makes hosts fence themselves."
    ),
    remedy="change-ha-timeout",
    otherwise=f"critical at {DANGEROUS_S} s or less",
)
GUARD = Code(
    slug="ha-timeout-guard",
    severity=Severity.INFO,
    fires=(
        "`other_config:default_ha_timeout` is missing, or is not the timeout wanted (the policy's, or a longer one "
        "that is in force), and the policy wants HA"
    ),
    means="When another tool turns HA off and on again, the pool falls back to the version's default.",
    remedy="change-ha-timeout",
)
CODES = (UNSET, SHORT, GUARD)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    if pool is None:
        return
    if pool.ha.enabled and pool.ha.timeout_s is None:
        yield _unset(case, pool)
    elif pool.ha.enabled and pool.ha.timeout_s is not None and pool.ha.timeout_s < case.policy.ha_timeout_s:
        yield _short(case, pool, pool.ha.timeout_s)
    if case.policy.wants_ha:
        yield from _guard(case, pool)


def default_s(version: str) -> int | None:
    """Seconds that this release of XenServer gives by itself; None when the release is not known."""
    numbers = [part for part in version.split(".")[:2] if part.isascii() and part.isdigit()]
    if not numbers:
        return None
    return DEFAULT_THEN_S if tuple(map(int, numbers)) < DEFAULT_BEFORE else DEFAULT_S


def _unset(case: Case, pool: PoolFacts) -> Finding:
    guard = pool.ha.default_timeout_s
    held = guard is not None and guard >= case.policy.ha_timeout_s
    force = f"default_ha_timeout gives {guard} s" if guard is not None else _by_version(pool)
    return UNSET.found(
        the_pool(case),
        f"HA is on in {case.pool} without a timeout: {force}.",
        xenserver(case, "ha_configuration", dict(pool.ha.configuration)),
        xenserver(case, "other_config:default_ha_timeout", "not set" if guard is None else guard),
        severity=Severity.INFO if held else None,
    )


def _by_version(pool: PoolFacts) -> str:
    """The version's default, in words."""
    seconds = default_s(pool.master_host.version if pool.master_host else "")
    return f"the version's default{'' if seconds is None else f' of {seconds} s'} is in force"


def _short(case: Case, pool: PoolFacts, timeout_s: int) -> Finding:
    says = f"HA in {case.pool} has a timeout of {timeout_s} s; its policy wants {case.policy.ha_timeout_s} s."
    clocks = timing(case.facts.cloudstack)
    if case.facts.cloudstack and timeout_s <= clocks.heartbeat_s:
        says += f" CloudStack's own heartbeat waits {clocks.heartbeat_s} s."
    severity = Severity.CRITICAL if timeout_s <= DANGEROUS_S else Severity.WARNING
    return SHORT.found(
        the_pool(case), says, xenserver(case, "ha_configuration:timeout", timeout_s), severity=severity
    )


def _guard(case: Case, pool: PoolFacts) -> Iterator[Finding]:
    in_force = pool.ha.timeout_s if pool.ha.enabled else None
    wanted = max(case.policy.ha_timeout_s, in_force or 0)
    found = pool.ha.default_timeout_s
    if found != wanted:
        is_ = f"is {found} s, not {wanted} s" if found is not None else "is not set"
        falls = f"{found} s" if found is not None else "the version's default"
        says = (
            f"default_ha_timeout of {case.pool} {is_}: a re-enable by another tool would fall back to "
            f"{falls}."
        )
        value = "not set" if found is None else found
        yield GUARD.found(the_pool(case), says, xenserver(case, "other_config:default_ha_timeout", value))
