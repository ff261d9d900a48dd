"""Since when and by whom, as the end of a finding's sentence: a run, whom CloudStack names, or between which looks."""

from __future__ import annotations

from dataclasses import replace

from pools.cloudstack_facts import CsHost
from pools.drift import Drift, key
from pools.rules.case import Case, Evidence, Finding, Subject
from pools.rules.words import BATON, clock

KINDS = {
    "ha-off-unwanted": ("ha",),
    "no-master-recovery": ("ha",),
    "ha-timeout-unset": ("ha-timeout", "ha"),
    "ha-timeout-short": ("ha-timeout", "ha"),
    "ha-timeout-guard": ("ha-guard",),
    "vm-protected": ("protected",),
    "cloudstack-unmanaged": ("managedstate",),
    "cloudstack-maintenance-error": ("resourcestate",),
    "cloudstack-maintenance-stuck": ("resourcestate",),
}
"""Code → the kinds of change that brought it about; of several, the latest."""


def done_by(case: Case, kind: str, subject: Subject) -> int | None:
    """The run of ours that held the pool when this changed last; None where none did, or no look has seen it."""
    drift = case.drift.get(key(kind, subject.uuid))
    return drift.run if drift else None


def told(case: Case, finding: Finding) -> Finding:
    """The finding with what is known of how it came about; as it is where no look has seen that."""
    drift = _drift(case, finding)
    if drift is None:
        return finding
    evidence = (*finding.evidence, *_evidence(drift))
    return replace(
        finding, says=f"{finding.says} {_sentence(drift, finding.says)}".strip(), evidence=evidence
    )


def _drift(case: Case, finding: Finding) -> Drift | None:
    kinds = KINDS.get(finding.code, ())
    subject = _subject(case, finding)
    found = [case.drift[name] for kind in kinds if (name := key(kind, subject)) in case.drift]
    return max(found, key=lambda drift: drift.seen, default=None)


def _subject(case: Case, finding: Finding) -> str:
    """CloudStack's lines go by its own ids, findings about hosts by XenServer's."""
    if finding.subject.kind != "host" or not finding.code.startswith("cloudstack-"):
        return finding.subject.uuid
    seen = _cs_host(case, finding.subject.uuid)
    return seen.id if seen else finding.subject.uuid


def _cs_host(case: Case, uuid: str) -> CsHost | None:
    known = case.facts.pool or (case.known.pool if case.known else None)
    host = known.host(uuid) if known else None
    return case.facts.cs_host(host) if host else None


def _sentence(drift: Drift, says: str) -> str:
    """Not what the finding says already."""
    if drift.run is not None:
        return (
            ""
            if f"run {drift.run} " in says
            else f"Run {drift.run} did it at {clock(drift.happened or drift.seen)}."
        )
    when = _when(drift)
    if drift.by:
        return f"CloudStack names {drift.by} ({drift.trace}), {when}."
    nobody = "It happened" if "no run of ours" in says else "No run of ours did it: it happened"
    seen = f"; {drift.trace} was seen then" if drift.trace else ""
    return f"{nobody} {when}{seen}."


def _when(drift: Drift) -> str:
    if drift.happened:
        return f"at {clock(drift.happened)}"
    if drift.before is None:
        return f"before {clock(drift.seen)}"
    return f"between {clock(drift.before)} and {clock(drift.seen)}"


def _evidence(drift: Drift) -> list[Evidence]:
    first = Evidence("first seen so", clock(drift.seen), BATON, drift.seen)
    if drift.before is None:
        return [first]
    return [Evidence("last seen otherwise", clock(drift.before), BATON, drift.before), first]
