"""Many findings, few troubles: what befell the same hosts, and what follows from it, is one line with one next step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pools.models import Finding

AWAY = frozenset({"host-dead", "host-disabled", "host-emergency", "host-fenced"})
"""A host that the pool cannot use."""
SILENT = frozenset({"master-unreachable"})
FOLLOWS = {
    "ha-plan-short": AWAY,
    "ha-overcommitted": AWAY,
    "cloudstack-alert": SILENT,
    "cloudstack-down": SILENT,
    "cloudstack-disconnected": SILENT,
    "cloudstack-stale-up": SILENT,
    "no-master-recovery": SILENT,
    "ha-off-unwanted": SILENT,
}
"""What needs no step of its own while one of these stands in the same pool: it goes with that, or waits for it."""


@dataclass(slots=True, eq=False)
class Trouble:
    """`finding` is what to begin with; `others` are the names of the other hosts that it is true of, and `also` is what
    else is true of the same hosts, or follows."""

    finding: Finding
    others: list[str] = field(default_factory=list)
    also: list[Trouble] = field(default_factory=list)
    uuids: set[str] = field(default_factory=set)

    @property
    def all(self) -> tuple[Trouble, ...]:
        return (self, *self.also)

    @property
    def size(self) -> int:
        """How many findings it stands for."""
        return sum(1 + len(each.others) for each in self.all)

    @property
    def severity(self) -> str:
        """The worst of them."""
        return (
            "critical" if any(t.finding.severity == "critical" for t in self.all) else self.finding.severity
        )

    @property
    def to_do(self) -> Finding:
        """The finding whose remedy is offered: the first one that has any."""
        return next((t.finding for t in self.all if t.finding.remedy), self.finding)


def troubles(findings: Iterable[Finding]) -> list[Trouble]:
    """The findings, worst first, as troubles, worst first."""
    groups = _by_code(findings)
    roots: list[Trouble] = []
    # What follows comes last, so that it finds what it follows from.
    for each in sorted(groups, key=lambda t: any(_follows(t, cause) for cause in groups)):
        root = next((t for t in roots if _belongs(each, t)), None)
        if root is None:
            roots.append(each)
        else:
            root.also.append(each)
    return sorted(roots, key=lambda root: min(map(groups.index, root.all)))


def _by_code(findings: Iterable[Finding]) -> list[Trouble]:
    """The same code on several hosts of a pool is the first of them, with the names of the others."""
    grouped: dict[tuple[int, str], Trouble] = {}
    for finding in findings:
        trouble = grouped.setdefault((finding.pool_id, finding.code), Trouble(finding))
        trouble.uuids.add(finding.subject_uuid)
        if trouble.finding is not finding:
            trouble.others.append(finding.subject_name)
    return list(grouped.values())


def _belongs(each: Trouble, root: Trouble) -> bool:
    if each.finding.pool_id != root.finding.pool_id:
        return False
    kinds = {each.finding.subject_kind, root.finding.subject_kind}
    return any(_follows(each, t) for t in root.all) or (kinds == {"host"} and each.uuids == root.uuids)


def _follows(each: Trouble, cause: Trouble) -> bool:
    causes = FOLLOWS.get(each.finding.code, frozenset())
    return each.finding.pool_id == cause.finding.pool_id and cause.finding.code in causes
