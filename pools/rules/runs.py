"""What our own runs leave open: debts that nobody pays, and people that nobody asked twice."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Debt, Evidence, Finding, Severity, Subject, Unreviewed, Waiting
from pools.rules.code import BATON, Code
from pools.rules.words import clock

UNPAID = Code(
    slug="debt-unpaid",
    severity=Severity.WARNING,
    fires="a run changed something that it has to put back, and the run does not move",
    means="The pool is left as no one wanted it: pay the debt, or take the run over.",
    remedy="settle-debts",
    otherwise="critical when it is HA",
    needs=(BATON,),
)
WAITING = Code(
    slug="run-waiting",
    severity=Severity.WARNING,
    fires=(
        "a run has waited for a person for longer than the policy's patience (30 min unless it says "
        "otherwise)"
    ),
    means="While it waits it holds the pool, and no other run can start.",
    otherwise="info until it is twice as long",
    needs=(BATON,),
)
REVIEW = Code(
    slug="review-owed",
    severity=Severity.WARNING,
    fires="somebody went on alone with a run, past what the policy asks for, and nobody else has reviewed it",
    means="The second pair of eyes is still missing: read the run, and say on its page what you found.",
    needs=(BATON,),
)
CODES = (UNPAID, WAITING, REVIEW)


def judge(case: Case) -> Iterator[Finding]:
    for debt in case.obligations.debts:
        if not debt.moving:
            yield _unpaid(case, debt)
    for waiting in case.obligations.waiting:
        yield from _waiting(case, waiting)
    yield from map(_review, case.obligations.unreviewed)


def _unpaid(case: Case, debt: Debt) -> Finding:
    says = f"Run {debt.run} left a debt at {clock(debt.since)}, and does not move: {debt.says.rstrip('.')}."
    subject = Subject("run", f"run {debt.run}", f"{debt.run}:{debt.kind}")
    severity = Severity.CRITICAL if debt.kind == "ha" else Severity.WARNING
    return UNPAID.found(
        subject, says, Evidence(debt.kind, clock(debt.since), "Baton", debt.since), severity=severity
    )


def _waiting(case: Case, waiting: Waiting) -> Iterator[Finding]:
    waited = case.ago(waiting.since)
    patience_s = case.policy.patience_s
    if waited.total_seconds() > patience_s:
        says = f"Run {waiting.run} ({waiting.title}) has waited for a person since {clock(waiting.since)}."
        severity = Severity.WARNING if waited.total_seconds() > 2 * patience_s else Severity.INFO
        evidence = Evidence("waiting since", clock(waiting.since), "Baton", waiting.since)
        yield WAITING.found(
            Subject("run", waiting.title, str(waiting.run)), says, evidence, severity=severity
        )


def _review(alone: Unreviewed) -> Finding:
    says = f"{alone.by} went on alone with run {alone.run} at {clock(alone.at)}: “{alone.reason}”."
    evidence = Evidence("went on alone", clock(alone.at), "Baton", alone.at)
    return REVIEW.found(Subject("run", f"run {alone.run}", f"glass:{alone.id}"), says, evidence)
