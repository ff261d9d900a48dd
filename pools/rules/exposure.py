"""A pool that stands without its net for longer than its team allows, whoever took it away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pools.exposure import WORDS, Kind
from pools.rules.case import Case, Evidence, Finding, Severity, Subject
from pools.rules.code import BATON, Code
from pools.rules.words import BATON as BY_BATON
from pools.rules.words import clock, span, the_pool

TOO_LONG = Code(
    slug="exposed-too-long",
    severity=Severity.CRITICAL,
    fires=(
        "the pool is without HA, unmanaged in CloudStack, or unable to bear the loss of a host for longer than its "
        "policy allows (1 h unless it says otherwise), a run of ours included"
    ),
    means="The next failure is not caught. Whoever works on the pool has to hurry, or to put it back.",
    otherwise="warning when it is only that no host is to spare",
    needs=(BATON,),
)
CODES = (TOO_LONG,)


def judge(case: Case) -> Iterator[Finding]:
    limit = timedelta(seconds=case.policy.exposure_limit_s)
    for kind, since in case.exposed_since.items():
        if case.ago(since) <= limit:
            continue
        pool = the_pool(case)
        says = f"{case.pool} is {_words(kind)} since {clock(since)}; its policy allows {span(limit)}."
        severity = Severity.WARNING if kind is Kind.NO_SPARE else Severity.CRITICAL
        evidence = Evidence(f"{WORDS[kind]} since", clock(since), BY_BATON, since)
        yield TOO_LONG.found(
            Subject("pool", case.pool, f"{pool.uuid}:{kind}"), says, evidence, severity=severity
        )


def _words(kind: Kind) -> str:
    return "unable to bear the loss of a host" if kind is Kind.NO_SPARE else WORDS[kind]
