"""CloudStack says Up of what XenServer says is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pools.facts import Host
from pools.rules.case import Case, Evidence, Finding, Severity
from pools.rules.code import CLOUDSTACK, Code
from pools.rules.master import is_gone as master_is_gone
from pools.rules.state import dead, gone, silent
from pools.rules.words import BATON, cloudstack, host_of, listed, span, the_cluster, the_host, xenserver
from pools.timing import timing

STALE = Code(
    slug="cloudstack-stale-up",
    severity=Severity.CRITICAL,
    fires="CloudStack says Up of a host not in maintenance, and XenServer says that the host or its master is gone",
    means=(
        "CloudStack may go on saying Up for as long as its setting `alert.wait` gives (30 minutes unless it was "
        "changed) while every operation on the host fails."
    ),
    needs=(CLOUDSTACK,),
)
CODES = (STALE,)


def judge(case: Case) -> Iterator[Finding]:
    seen = case.facts.cloudstack
    up = [h for h in seen.hosts if h.state == "Up" and h.resourcestate != "Maintenance"] if seen else []
    clocks = timing(seen)
    lasts = f"It may say so for {span(timedelta(seconds=clocks.believes_s))} ({clocks.source('alert.wait')})."
    if case.facts.pool is None:
        if up and seen and master_is_gone(case):
            says = (
                f"CloudStack says Up of {listed(h.name for h in up)} in {seen.cluster_name}, but the "
                f"pool's master does not answer. {lasts}"
            )
            shown = (cloudstack(case, f"state of {h.name}", h.state) for h in up)
            yield STALE.found(the_cluster(case), says, *_no_answer(case), *shown)
        return
    for each in up:
        host = host_of(case, each)
        if host and host.uuid != case.facts.pool.master and gone(case, host):
            is_ = "XenServer says it is dead" if dead(case, host) else "its own address does not answer"
            says = f"CloudStack says Up of {host.name}, but {is_}. {lasts}"
            values = (cloudstack(case, "state", each.state), xenserver(case, "live", host.live))
            yield STALE.found(the_host(host), says, *values, *_silence(case, host))


def _no_answer(case: Case) -> Iterator[Evidence]:
    if trouble := case.facts.pool_trouble:
        yield Evidence("login at the master", trouble.says or trouble.code, BATON, case.facts.at)


def _silence(case: Case, host: Host) -> Iterator[Evidence]:
    if probe := silent(case, host):
        yield Evidence(f"probe of {host.address}", probe.says or probe.code, BATON, probe.at or case.facts.at)
