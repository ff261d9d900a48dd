"""Is it well? Each rule is a small file with a `judge(case)` and the `CODES` that it may find.

Pure: no clock, no I/O.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from pools.rules import (
    cloudstack_cluster,
    cloudstack_maintenance,
    cloudstack_state,
    console,
    console_network,
    exposure,
    ha_hosts,
    ha_off,
    ha_plan,
    ha_storage,
    ha_timeout,
    host_clock,
    host_dead,
    host_disabled,
    host_emergency,
    host_fenced,
    host_storage,
    host_upkeep,
    master,
    master_disabled,
    master_moved,
    membership,
    recovery,
    runs,
    stale_up,
    vm_protected,
)
from pools.rules.case import Case, Finding, Severity, Subject
from pools.rules.code import BATON, Code
from pools.rules.since import told

logger = logging.getLogger(__name__)


class Rule(Protocol):
    """What a rule's file offers."""

    @property
    def CODES(self) -> tuple[Code, ...]:  # noqa: N802 - a module's constant
        """What this rule may find."""
        ...

    def judge(self, case: Case) -> Iterator[Finding]:
        """The findings of this rule, in the order of its facts."""
        ...


RULES: tuple[Rule, ...] = (
    console_network,
    master,
    master_moved,
    master_disabled,
    recovery,
    ha_off,
    ha_timeout,
    ha_hosts,
    ha_storage,
    ha_plan,
    vm_protected,
    host_dead,
    host_disabled,
    host_emergency,
    host_fenced,
    host_clock,
    host_storage,
    host_upkeep,
    cloudstack_state,
    cloudstack_maintenance,
    cloudstack_cluster,
    membership,
    stale_up,
    exposure,
    runs,
    console,
)
RULE_FAILED = Code(
    slug="rule-failed",
    severity=Severity.INFO,
    fires="a rule broke on these facts; the others still judge",
    means=(
        "This is a fault in Baton: one kind of trouble goes unseen on this pool. Please report it with "
        "the log."
    ),
    needs=(BATON,),
)
CODES: dict[str, Code] = {c.slug: c for c in (*(c for rule in RULES for c in rule.CODES), RULE_FAILED)}
ORDER = {slug: place for place, slug in enumerate(CODES)}
RANK = {severity: rank for rank, severity in enumerate(Severity)}


def judge_all(case: Case, rules: Iterable[Rule] = RULES) -> tuple[Finding, ...]:
    """All findings, worst first, one per code and subject; those that a run of ours causes come last, with its id."""
    found: dict[tuple[str, str], Finding] = {}
    for rule in rules:
        for finding in _judged(rule, case):
            held = found.get(finding.key)
            if held is None or RANK[finding.severity] < RANK[held.severity]:
                found[finding.key] = replace(told(case, finding), expected_by=_expected_by(case, finding))
    return tuple(sorted(found.values(), key=_order))


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The worst severity that nobody expected."""
    return min((f.severity for f in findings if f.expected_by is None), key=RANK.__getitem__, default=None)


def _judged(rule: Rule, case: Case) -> list[Finding]:
    try:
        return list(rule.judge(case))
    except Exception as error:
        name = getattr(rule, "__name__", repr(rule)).rpartition(".")[2]
        logger.exception("rule %s failed on pool %s", name, case.pool)
        says = f"The rule {name} could not judge {case.pool}: {type(error).__name__}."
        subject = Subject("pool", case.pool, f"rule:{name}")
        return [RULE_FAILED.found(subject, says)]


def _expected_by(case: Case, finding: Finding) -> int | None:
    about = {"*", finding.subject.uuid, finding.subject.name}
    for expected in case.obligations.expected:
        if expected.code == finding.code and expected.subject in about and case.now <= expected.until:
            return expected.run
    return None


def _order(finding: Finding) -> tuple[bool, int, int, str]:
    """Among equals, in the order of the rules: causes (the master, HA) before what follows from them."""
    return finding.expected_by is not None, RANK[finding.severity], ORDER[finding.code], finding.subject.name
