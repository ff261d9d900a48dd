"""Nobody answers, in this pool and in most others: then it is the console that hears nobody."""

from __future__ import annotations

from collections.abc import Iterator

from pools.facts import Probe
from pools.rules.case import Case, Evidence, Finding, Severity, Subject
from pools.rules.code import BATON, Code
from pools.rules.patience import RESTARTING, lasts
from pools.rules.state import SILENCE
from pools.rules.words import clock, count, known_at

CUT_OFF = Code(
    slug="console-cut-off",
    severity=Severity.CRITICAL,
    fires="no member of the pool answers, nor does anybody in at least half of the other pools",
    means=(
        "The console is blind: the pools may be well. Nothing may be called dead from here, and no election begun, "
        "until the network between the console and the pools is mended."
    ),
    remedy="Look at this machine's own network: its address, its gateway, and the switch and firewall behind it.",
    needs=(BATON,),
)
CODES = (CUT_OFF,)


def judge(case: Case) -> Iterator[Finding]:
    there = case.elsewhere
    if there is None or not cut_off(case):
        return
    says = (
        f"Nobody answers the console in {case.pool}, nor in {there.silent} of {count(there.others, 'other pool')}: it "
        f"is the console's own network. {case.pool} was last read at {clock(known_at(case))}."
    )
    evidence = [
        Evidence(f"probe of {p.address}", p.says or p.code, "Baton", p.at or case.facts.at)
        for p in case.facts.probes
    ]
    yield CUT_OFF.found(Subject("console", "the console", "console"), says, *evidence)


def nobody_answers(case: Case) -> bool:
    """Whether everybody in the pool was asked, and nobody was there."""
    probes = case.facts.probes
    return (
        case.facts.pool is None and bool(probes) and all(not p.answers and p.code in SILENCE for p in probes)
    )


def _may_restart(case: Case, probe: Probe) -> bool:
    """Whether it refuses us, and not for long: somebody is there, whose toolstack starts."""
    return probe.code in RESTARTING and not lasts(case, probe)


def cut_off(case: Case) -> bool | None:
    """Whether nobody answers because the console hears nobody. None when there is no other pool to compare with, or
    none of them was asked since."""
    there = case.elsewhere
    if there is None or there.others == 0 or not nobody_answers(case):
        return None
    if there.answered or any(_may_restart(case, probe) for probe in case.facts.probes):
        return False
    return True if 2 * there.silent >= there.others else None
