"""A cluster that CloudStack does not manage."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Finding, Severity
from pools.rules.code import CLOUDSTACK, Code
from pools.rules.since import done_by
from pools.rules.words import cloudstack, the_cluster

UNMANAGED = Code(
    slug="cloudstack-unmanaged",
    severity=Severity.CRITICAL,
    fires="the cluster is Unmanaged or PrepareUnmanagedError, and no run of ours owes it",
    means=(
        "CloudStack neither watches the hosts nor runs HA nor any operation in this cluster, and raises "
        "no alert."
    ),
    remedy="settle-debts",
    needs=(CLOUDSTACK,),
)
CODES = (UNMANAGED,)


def judge(case: Case) -> Iterator[Finding]:
    seen = case.facts.cloudstack
    if seen is None or seen.managedstate not in ("Unmanaged", "PrepareUnmanagedError"):
        return
    if any(d.kind == "unmanaged" for d in case.obligations.debts):
        return
    cluster = the_cluster(case)
    did = "owes" if done_by(case, "managedstate", cluster) else "did"
    says = f"Cluster {seen.cluster_name} is {seen.managedstate} in CloudStack, and no run of ours {did} it."
    yield UNMANAGED.found(cluster, says, cloudstack(case, "managedstate", seen.managedstate))
