"""Who recovers a dead master: XenServer's HA, CloudStack of old, nobody, or both at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pools.elections import elects_master
from pools.rules.case import Case, Evidence, Finding, Severity
from pools.rules.code import CLOUDSTACK as THE_CLOUDSTACK
from pools.rules.code import Code
from pools.rules.ha_off import WAIT
from pools.rules.reasons import arming
from pools.rules.words import CLOUDSTACK, last_known, the_pool, xenserver

NOBODY = Code(
    slug="no-master-recovery",
    severity=Severity.CRITICAL,
    fires=(
        "pool HA is off, CloudStack does not elect (4.3.2 and later), and the policy does not say that "
        "operators do it"
    ),
    means=(
        "When the master dies, no new one is elected: the pool cannot be managed until a person acts, and "
        "CloudStack loses its hosts."
    ),
    remedy="enable-ha",
    # It is judged by what the pool said last, so that a change of policy counts while the master is silent; whether
    # CloudStack elects is not known while that is silent.
    needs=(THE_CLOUDSTACK,),
)
TWO = Code(
    slug="two-captains",
    severity=Severity.WARNING,
    fires="CloudStack 4.3.1 or earlier promotes members itself, and pool HA is on",
    means="When the master dies, XenServer and CloudStack may each make another host the master.",
)
CODES = (NOBODY, TWO)
ELECT = "Elect a new master first (elect-master), then turn HA on."


def judge(case: Case) -> Iterator[Finding]:
    pool = last_known(case)
    if pool is None:
        return
    version, elects, at = _elects(case)
    evidence = [xenserver(case, "ha_enabled", pool.ha.enabled)]
    if version:
        evidence.append(Evidence("CloudStack version", version, CLOUDSTACK, at))
    if pool.ha.enabled and elects:
        says = (
            f"CloudStack {version} promotes a new master by itself, and XenServer's HA is on in "
            f"{case.pool} too."
        )
        yield TWO.found(the_pool(case), says, *evidence)
    if not pool.ha.enabled and elects is False and case.policy.recovery != "operators":
        other = (
            f"CloudStack {version} does not elect a master"
            if version
            else "no CloudStack is tied to this pool"
        )
        says = f"HA is off in {case.pool}, and {other}: nobody recovers the master."
        # HA is turned on through the master: while that is away, electing comes first.
        remedy = WAIT if case.facts.pool and arming(pool) else None if case.facts.pool else ELECT
        yield NOBODY.found(the_pool(case), says, *evidence, remedy=remedy)


def _elects(case: Case) -> tuple[str, bool | None, datetime]:
    """CloudStack's version, whether it elects a master itself (None when that is not known), and when it said so."""
    told = case.known if case.known and not case.facts.cloudstack else case.facts
    if told.cloudstack is None:
        return "", None if case.facts.cloudstack_trouble else False, case.facts.at
    return told.cloudstack.version, elects_master(told.cloudstack.version), told.cloudstack_seen_at
