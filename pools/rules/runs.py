"""What our own runs leave open: debts that nobody pays, and people that nobody asked twice."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules.case import Case, Debt, Evidence, Finding, Severity, Subject, Waiting
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
    otherwise="info from half of that on",
    needs=(BATON,),
)
CODES = (UNPAID, WAITING)


def judge(case: Case) -> Iterator[Finding]:
    for debt in case.obligations.debts:
        if not debt.moving:
            yield _unpaid(case, debt)
    for waiting in case.obligations.waiting:
        yield from _waiting(case, waiting)


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
    if waited.total_seconds() > patience_s / 2:
        says = f"Run {waiting.run} ({waiting.title}) has waited for a person since {clock(waiting.since)}."
        severity = Severity.WARNING if waited.total_seconds() > patience_s else Severity.INFO
        evidence = Evidence("waiting since", clock(waiting.since), "Baton", waiting.since)
        yield WAITING.found(
            Subject("run", waiting.title, str(waiting.run)), says, evidence, severity=severity
        )
