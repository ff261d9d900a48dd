"""HA with too few hosts to outvote a lost one."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.state import dead
from pools.rules.words import listed, the_pool, xenserver

ENOUGH = 3

TOO_FEW = Code(
    slug="ha-too-few-hosts",
    severity=Severity.CRITICAL,
    fires=f"HA is on with fewer than {ENOUGH} live hosts",
    means=(
        "When one of two hosts dies the other fences itself as well, and both go round in a fence loop. "
        "Add hosts, or turn HA off; once they loop, only breaking the fence loop helps."
    ),
    remedy="add-hosts",
    otherwise="remedy `break-fence-loop` while no master answers",
)
CODES = (TOO_FEW,)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    if pool is None or not pool.ha.enabled or not pool.hosts:
        return
    live = [h.name for h in pool.hosts if not dead(case, h)]
    if len(live) < ENOUGH:
        says = (
            f"HA is on in {case.pool} with {len(live)} live of {len(pool.hosts)} hosts "
            f"({listed(live) or 'none'}); it needs {ENOUGH}."
        )
        yield TOO_FEW.found(the_pool(case), says, xenserver(case, "live hosts", len(live)))
