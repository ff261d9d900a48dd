"""Many findings, few troubles: what has one cause is one line with one next step, and one message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pools.models import Finding

AWAY = frozenset({"host-dead", "host-disabled", "host-emergency", "host-fenced"})
"""A host that the pool cannot use."""
SILENT = frozenset({"master-unreachable"})
UNREAD = SILENT | {"console-cut-off", "login-refused", "tls-untrusted", "master-suspect"}
"""The pool cannot be read."""
FOLLOWS = {
    "ha-plan-short": AWAY,
    "ha-overcommitted": AWAY,
    "cloudstack-alert": SILENT,
    "cloudstack-down": SILENT,
    "cloudstack-disconnected": SILENT,
    "cloudstack-stale-up": SILENT,
    "no-master-recovery": SILENT | {"ha-off-unwanted"},
    "ha-off-unwanted": SILENT,
    "facts-stale": UNREAD,
    "cloudstack-unreachable": frozenset({"console-cut-off"}),
}
"""What needs no step of its own while one of these stands in the same pool: it goes with that, or waits for it."""
CONSOLE = "the console"
OF_THE_CONSOLE = frozenset({"console-cut-off"})
OF_CLOUDSTACK = frozenset({"cloudstack-unreachable", "login-refused", "tls-untrusted"})
"""Found of each of its pools, when it is about their cluster: then it is one CloudStack's own trouble."""


def shared(finding: Finding) -> str:
    """What it is a trouble of, when other pools have the same one: the console, or a CloudStack by name; else empty."""
    if finding.code in OF_THE_CONSOLE:
        return CONSOLE
    if finding.code in OF_CLOUDSTACK and finding.subject_kind == "cluster" and finding.pool.cloudstack:
        return f"CloudStack {finding.pool.cloudstack.name}"
    return ""


@dataclass(slots=True, eq=False)
class Trouble:
    """`finding` is what to begin with; `rest` are those of the same code about the pool's other hosts; `also` is what
    else is true of the same hosts, or follows, or is the same in another pool. `shared` is as `shared` gives it."""

    finding: Finding
    place: int = 0
    shared: str = ""
    rest: list[Finding] = field(default_factory=list)
    also: list[Trouble] = field(default_factory=list)
    uuids: set[str] = field(default_factory=set)

    @property
    def all(self) -> tuple[Trouble, ...]:
        return (self, *self.also)

    @property
    def others(self) -> list[str]:
        """The names of the other hosts that it is true of."""
        return [finding.subject_name for finding in self.rest]

    @property
    def findings(self) -> list[Finding]:
        """All that it stands for."""
        return [finding for each in self.all for finding in (each.finding, *each.rest)]

    @property
    def has_evidence(self) -> bool:
        return len(self.findings) > 1 or bool(self.finding.evidence)

    @property
    def size(self) -> int:
        """How many findings it stands for."""
        return sum(1 + len(each.rest) for each in self.all)

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

    @property
    def pools(self) -> list[str]:
        """The pools that share it, by name; none where it is one pool's own."""
        return sorted({t.finding.pool.name for t in self.all}) if self.shared else []

    @property
    def besides(self) -> list[Trouble]:
        """What else is to be said of it: each code once, however many pools have it."""
        by_code = {each.finding.code: each for each in reversed(self.also)}
        return [each for each in self.also if each is by_code[each.finding.code] and not self._is_same(each)]

    def _is_same(self, other: Trouble) -> bool:
        return other.finding.code == self.finding.code and other.shared == self.shared


def troubles(findings: Iterable[Finding]) -> list[Trouble]:
    """The findings, worst first, as troubles, worst first."""
    by_pool: dict[int, list[Trouble]] = defaultdict(list)
    for part in _parts(findings):
        by_pool[part.finding.pool_id].append(part)
    roots = [root for parts in by_pool.values() for root in _roots(parts)]
    return sorted(_joined(roots), key=lambda root: min(each.place for each in root.all))


def follows(each: Trouble, trouble: Trouble) -> bool:
    """Whether it is only there because something else of that trouble is, in its own pool."""
    return any(_follows(each, cause) for cause in trouble.all)


def _parts(findings: Iterable[Finding]) -> list[Trouble]:
    """The same code on several hosts of a pool is the first of them, with the names of the others."""
    grouped: dict[tuple[int, str, str], Trouble] = {}
    for finding in findings:
        of = shared(finding)
        part = grouped.setdefault((finding.pool_id, finding.code, of), Trouble(finding, len(grouped), of))
        part.uuids.add(finding.subject_uuid)
        if part.finding is not finding:
            part.rest.append(finding)
    return list(grouped.values())


def _roots(parts: list[Trouble]) -> list[Trouble]:
    """The troubles of one pool."""
    roots: list[Trouble] = []
    # What follows comes last, so that it finds what it follows from.
    for each in sorted(parts, key=lambda t: any(_follows(t, cause) for cause in parts)):
        root = next((t for t in roots if _belongs(each, t)), None)
        if root is None:
            roots.append(each)
        else:
            root.also.append(each)
    return roots


def _joined(roots: Iterable[Trouble]) -> list[Trouble]:
    """What pools share, as one."""
    found: list[Trouble] = []
    of: dict[str, Trouble] = {}
    for root in sorted(roots, key=lambda t: t.place):
        first = of.setdefault(root.shared, root) if root.shared else root
        if first is root:
            found.append(root)
        else:
            first.also += root.all
            root.also = []
    return found


def _belongs(each: Trouble, root: Trouble) -> bool:
    kinds = {each.finding.subject_kind, root.finding.subject_kind}
    return any(_follows(each, t) for t in root.all) or (kinds == {"host"} and each.uuids == root.uuids)


def _follows(each: Trouble, cause: Trouble) -> bool:
    causes = FOLLOWS.get(each.finding.code, frozenset())
    return each.finding.pool_id == cause.finding.pool_id and cause.finding.code in causes
