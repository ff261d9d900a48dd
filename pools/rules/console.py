"""The console itself cannot see: stale facts, refused credentials, a certificate that does not match."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pools.facts import Trouble
from pools.rules.case import Case, Evidence, Finding, Pause, Severity, Subject
from pools.rules.code import BATON, CLOUDSTACK, XENSERVER, Code
from pools.rules.words import clock, cloudstack, host_of_address, the_cluster, the_host, the_pool

STALE, VERY_STALE = 3, 30
"""Intervals without a good look: a warning, then critical."""

FACTS_STALE = Code(
    slug="facts-stale",
    severity=Severity.WARNING,
    fires=f"the last good look is older than {STALE} intervals",
    means="What this console shows of the pool is old: do not act on it.",
    otherwise=f"critical beyond {VERY_STALE} intervals",
    needs=(BATON,),
)
LOGIN_REFUSED = Code(
    slug="login-refused",
    severity=Severity.CRITICAL,
    fires="a captain refuses our user name, password or keys, or they lack the rights to read",
    means=(
        "The captain is there, but does not let us in: nothing is seen of it until the credentials are right."
    ),
    needs=(BATON,),
)
TLS_UNTRUSTED = Code(
    slug="tls-untrusted",
    severity=Severity.CRITICAL,
    fires="a certificate is signed by nobody we trust, or is not the one we pinned",
    means=(
        "Something else may be answering in the captain's place; no password is sent until somebody has "
        "compared the fingerprint."
    ),
    remedy="Compare the fingerprint on the host itself, then: python manage.py trust_pool NAME",
    needs=(BATON,),
)
CLOUDSTACK_UNREACHABLE = Code(
    slug="cloudstack-unreachable",
    severity=Severity.WARNING,
    fires="CloudStack does not answer, or not in a way that can be read",
    means="Half of the picture is missing: what CloudStack thinks of the hosts is not known.",
    needs=(BATON,),
)
CLUSTER_MISSING = Code(
    slug="cloudstack-cluster-missing",
    severity=Severity.WARNING,
    fires=(
        "CloudStack has no cluster of the name that this pool is tied to, or that cluster has none of its hosts and "
        "another one is proved to have them"
    ),
    means="Nothing of CloudStack's view of this pool can be shown, and no workflow that needs it can run.",
    needs=(CLOUDSTACK,),
)
GIVE = "Say on the pool's page which cluster it is (its cluster in CloudStack: correct this)."
CODES = (FACTS_STALE, LOGIN_REFUSED, TLS_UNTRUSTED, CLOUDSTACK_UNREACHABLE, CLUSTER_MISSING)
REFUSALS = {
    "login-refused": LOGIN_REFUSED,
    "not-permitted": LOGIN_REFUSED,
    "RBAC_PERMISSION_DENIED": LOGIN_REFUSED,
    "clock-skew": LOGIN_REFUSED,
    "tls-untrusted": TLS_UNTRUSTED,
}
"""Troubles of a captain that does answer, but will not talk to us."""


def judge(case: Case) -> Iterator[Finding]:
    if stale := _stale(case):
        yield stale
    facts = case.facts
    yield from _refused(case, the_pool(case), facts.pool_trouble, XENSERVER, case.pool_pause)
    yield from _refused_since(case)
    yield from _refused(case, the_cluster(case), facts.cloudstack_trouble, CLOUDSTACK, case.cloudstack_pause)
    yield from _strangers(case)
    yield from _cloudstack(case)


def staleness(good_at: datetime | None, now: datetime, look_every_s: float) -> Severity | None:
    """How bad the age of the last good look is; pages ask this too, as nobody judges when the watcher is dead."""
    if good_at is None:
        return None
    intervals = (now - good_at).total_seconds() / max(look_every_s, 0.001)
    if intervals <= STALE:
        return None
    return Severity.WARNING if intervals <= VERY_STALE else Severity.CRITICAL


def _stale(case: Case) -> Finding | None:
    severity = staleness(case.good_at, case.now, case.policy.look_every_s)
    if severity is None or case.good_at is None:
        return None
    says = (
        f"The last good look at {case.pool} was at {clock(case.good_at)}; one is due every "
        f"{case.policy.look_every_s:g} s."
    )
    return FACTS_STALE.found(
        the_pool(case),
        says,
        Evidence("last good look", clock(case.good_at), "Baton", case.good_at),
        severity=severity,
    )


def _refused(
    case: Case, subject: Subject, trouble: Trouble | None, captain: str, pause: Pause | None
) -> Iterator[Finding]:
    code = REFUSALS.get(trouble.code) if trouble else None
    if code and trouble:
        name = {XENSERVER: "XenServer", CLOUDSTACK: "CloudStack"}[captain]
        evidence = Evidence("answer", " ".join((trouble.code, *trouble.params)), name, case.facts.at)
        says = trouble.says or f"{name} refuses us: {trouble.code}."
        yield code.found(subject, f"{says}{_when_next(case, pause)}", evidence)


def _refused_since(case: Case) -> Iterator[Finding]:
    """The pool is read over a session from before its master refused the password: the next login will not succeed."""
    pause = case.pool_pause
    code = REFUSALS.get(pause.code) if pause and case.facts.pool else None
    if code and pause:
        says = f"{pause.says} What is shown comes over a session that was open before, and ends with it."
        evidence = Evidence("answer to a login", pause.code, "XenServer", pause.tried_at)
        yield code.found(the_pool(case), f"{says}{_when_next(case, pause)}", evidence)


def _when_next(case: Case, pause: Pause | None) -> str:
    """Since when, and how soon somebody asks again: often would lock the account."""
    if pause is None:
        return ""
    tried = "once" if pause.tries == 1 else f"{pause.tries} times"
    return (
        f" So it is since {clock(pause.since)}, asked {tried}; the next try is at {clock(pause.next_at)}. It is tried "
        f"at once when the credentials or the trust are changed, and by: python manage.py look {case.pool}."
    )


def _strangers(case: Case) -> Iterator[Finding]:
    """Members whose own certificate does not match, while the pool itself can be read."""
    if case.facts.pool is None:
        return
    for probe in case.facts.probes:
        host = host_of_address(case, probe.address)
        if probe.answers or REFUSALS.get(probe.code) is not TLS_UNTRUSTED or host is None:
            continue
        says = (
            f"The certificate of {host.name} ({probe.address}) is not one that we trust. {probe.says}".strip()
        )
        yield TLS_UNTRUSTED.found(the_host(host), says, Evidence("probe", probe.code, "Baton", case.facts.at))


def _cloudstack(case: Case) -> Iterator[Finding]:
    trouble, seen = case.facts.cloudstack_trouble, case.facts.cloudstack
    if trouble and seen is None and trouble.code not in REFUSALS:
        says = f"CloudStack cannot be read: {(trouble.says or trouble.code).rstrip('.')}."
        yield CLOUDSTACK_UNREACHABLE.found(
            the_cluster(case), says, Evidence("answer", trouble.code, "Baton", case.facts.at)
        )
    if seen and not seen.cluster:
        says = f"CloudStack has no cluster named {seen.cluster_name or case.pool}."
        found = cloudstack(case, "clusters of that name", 0)
        yield CLUSTER_MISSING.found(
            the_cluster(case), f"{says} {case.cluster_proof}".strip(), found, remedy=GIVE
        )
    elif seen and case.cluster_proof:
        says = f"Cluster {seen.cluster_name} has no host of pool {case.pool}, and another one has: {case.cluster_proof}"
        found = cloudstack(case, f"hosts in cluster {seen.cluster_name}", len(seen.hosts))
        yield CLUSTER_MISSING.found(the_cluster(case), says, found, remedy=GIVE)
