"""The master does not answer, answers on one way only, or is not the same for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from pools.elections import ELECTION, elected_within
from pools.facts import Host, PoolFacts, Probe
from pools.rules.case import Case, Evidence, Finding, Severity
from pools.rules.code import BATON, Code
from pools.rules.console import REFUSALS
from pools.rules.console_network import cut_off, nobody_answers
from pools.rules.patience import LOST, RESTART, RESTARTING, settled
from pools.rules.state import SILENCE, probe_of
from pools.rules.words import (
    clock,
    count,
    host_of_address,
    known_at,
    last_known,
    listed,
    span,
    the_host,
    the_pool,
    xenserver,
)

UNDECIDED = timedelta(seconds=30)
"""So long after the last answer it may be open whether the pool or the console is cut off."""

NEW_MASTER_DUE = "a new master is due by"
"""Evidence of the moment until which HA may still elect; pages count down to it."""

UNREACHABLE = Code(
    slug="master-unreachable",
    severity=Severity.CRITICAL,
    fires="the master answers neither login nor probe; says what the members answer, and whether its toolstack hangs",
    means=(
        "Without a master nothing in the pool can be started, moved or changed, and CloudStack loses "
        "every host of it."
    ),
    remedy="elect-master",
    otherwise=(
        "while HA can still elect, the remedy is to wait, and until when; warning for the first minute in which "
        "connections are refused, as by a toolstack that restarts"
    ),
    needs=(BATON,),
)
SUSPECT = Code(
    slug="master-suspect",
    severity=Severity.WARNING,
    fires=(
        "one way to the master fails and another works: it lets us in but cannot be read, or members read through it "
        "while it does not answer us, or nobody answers and other pools were not asked since"
    ),
    means=(
        "A part of the network does not see the master, or only the console does not: do not call it dead "
        "from here."
    ),
    needs=(BATON,),
)
DISPUTED = Code(
    slug="master-disputed",
    severity=Severity.CRITICAL,
    fires=f"members name different masters, and have done so for {span(LOST)}",
    means="Two masters may both write to the shared storage, and members follow the wrong one.",
    needs=(BATON,),
)
CODES = (UNREACHABLE, SUSPECT, DISPUTED)


def judge(case: Case) -> Iterator[Finding]:
    pool = last_known(case)
    if disputed := _disputed(case, pool):
        yield disputed
    if case.facts.pool is not None:
        yield from _half_seen(case, case.facts.pool)
    elif (
        case.facts.pool_trouble is not None
        and case.facts.pool_trouble.code not in REFUSALS
        and not cut_off(case)
    ):
        yield _silent(case, pool)


def is_gone(case: Case) -> bool:
    """Whether the master is called dead: neither suspect, nor perhaps only restarting."""
    return any(f.code == UNREACHABLE.slug and f.severity is Severity.CRITICAL for f in judge(case))


def _silent(case: Case, pool: PoolFacts | None) -> Finding:
    trouble = case.facts.pool_trouble
    master = pool.master_host if pool else None
    address = master.address if master else _named(case)
    seen = next((p for p in case.facts.probes if p.address == address), None)
    tried = SILENCE.get(trouble.code, trouble.code) if trouble else "no answer"
    evidence = [
        Evidence("login", trouble.says or tried if trouble else tried, "Baton", case.facts.at),
        *_members(case, master),
    ]
    name = master.name if master else f"the master of {case.pool}"
    subject = the_host(master) if master else the_pool(case)
    if doubt := _doubt(case, name, tried, seen, master):
        return SUSPECT.found(subject, doubt, *evidence)
    others = [p for p in case.facts.probes if p is not seen]
    who = f"{name} is the master and" if master else f"The master of {case.pool}"
    says = f"{who} {_how(tried, seen)}. {_witnesses(case, others, address)}"
    severity = None
    until = _refused_since(case, seen) + RESTART
    if trouble and trouble.code in RESTARTING and case.known and case.now < until:
        severity = Severity.WARNING
        says += f" A restart of its toolstack looks like this too: by {clock(until)} that is over."
    return _with_ha(case, pool, UNREACHABLE.found(subject, says, *evidence, severity=severity))


def _doubt(case: Case, name: str, tried: str, seen: Probe | None, master: Host | None) -> str:
    """Why the master may not be called dead from here; empty when nothing speaks for it."""
    if seen and seen.answers:
        return f"{name} does not let us read the pool ({tried}), but its address answers a probe."
    # Who names another master reads the database through that one.
    same = (None, master.address) if master else (None,)
    through = [p for p in case.facts.probes if p.sees_master and p is not seen and p.master in same]
    if through and not (seen and seen.reached == "tls"):  # who connects is not cut off, whatever it answers
        reach = listed(
            host.name if (host := host_of_address(case, p.address)) else p.address for p in through
        )
        return (
            f"{name} does not answer the console ({tried}), but the pool's database can still be read through {reach}: "
            "the network between the console and the master is cut, and the pool goes on."
        )
    there = case.elsewhere
    if there and there.others and nobody_answers(case) and cut_off(case) is None and _just_now(case):
        return (
            f"Nobody in {case.pool} answers ({tried}). Whether it is the pool or the console's own network shows as "
            "soon as another pool is asked."
        )
    return ""


def _hangs(seen: Probe | None) -> bool:
    """Connected, and then no word: the machine lives, and its toolstack is stuck."""
    return seen is not None and seen.reached == "tls" and seen.code == "timeout"


def _how(tried: str, seen: Probe | None) -> str:
    if _hangs(seen):
        return "takes connections, but answers nothing: its toolstack hangs"
    return f"does not answer: {tried}"


def _just_now(case: Case) -> bool:
    return case.good_at is None or case.now - case.good_at < UNDECIDED


def _with_ha(case: Case, pool: PoolFacts | None, found: Finding) -> Finding:
    """While HA may still elect, wait: two elections at once are worse than a late one."""
    until = _elects_until(case, pool)
    if until is None:
        return found
    if case.now >= until:
        return replace(found, says=f"{found.says} HA was on, and has elected nobody by {clock(until)}.")
    due = Evidence(NEW_MASTER_DUE, until.isoformat(), "Baton", case.facts.at)
    within = until - _last_answer(case)
    remedy = (
        f"Wait: HA is on, and XenServer elects a new master by itself. It is due by {clock(until)}, within "
        f"{within.total_seconds():.0f} s of the last answer: the HA timeout of "
        f"{(within - ELECTION).total_seconds():.0f} s, and {ELECTION.total_seconds():.0f} s to elect."
    )
    return replace(found, evidence=(*found.evidence, due), remedy=remedy)


def _named(case: Case) -> str:
    """Whom the members of a pool that was never read call their master, if they agree."""
    named = {p.master for p in case.facts.probes if p.answers and p.master}
    return next(iter(named)) if len(named) == 1 else ""


def _witnesses(case: Case, others: list[Probe], address: str) -> str:
    if not others:
        return "No other member is known to ask."
    members = count(len(others), "other member" if address else "member")
    answer = [p for p in others if p.answers]
    if not answer:
        return f"None of the {'other ' if address else ''}{count(len(others), 'member')} answers either: {_away(case)}"
    lost = sum(1 for p in answer if p.emergency)
    if lost:
        return f"Of {members}, {len(answer)} answer and {lost} are in emergency mode: they lost it too."
    named = {p.master for p in answer if p.master}
    if elsewhere := named - {address}:
        return f"{len(answer)} of {members} answer, and name {listed(sorted(elsewhere))} as master."
    # A running member repeats the master's address from its own file for ever: no proof that the master lives.
    alone = " and do not reach it either" if any(p.sees_master is False for p in answer) else ""
    return f"{len(answer)} of {members} answer{alone}, and still name it as master: nobody has taken over."


def _away(case: Case) -> str:
    there = case.elsewhere
    if there and there.answered:
        return (
            f"the whole pool is away, and not the console's network, since {there.answered} of "
            f"{count(there.others, 'other pool')} answered meanwhile."
        )
    return "the whole pool is away, or the console's network."


def _elects_until(case: Case, pool: PoolFacts | None) -> datetime | None:
    """Until when HA may still elect, from the master's last answer on; None while HA was off."""
    if pool is None or not pool.ha.enabled:
        return None
    return _last_answer(case) + elected_within(pool.ha.timeout_s)


def _refused_since(case: Case, seen: Probe | None) -> datetime:
    """From when on it may be restarting: it may have been out of our sight before, through a slow network."""
    refused = seen.since if seen and seen.code in RESTARTING else None
    return max(_last_answer(case), refused or _last_answer(case))


def _last_answer(case: Case) -> datetime:
    return case.good_at or known_at(case)


def _half_seen(case: Case, pool: PoolFacts) -> Iterator[Finding]:
    master = pool.master_host
    seen = _probe(case, master)
    if master and seen and not seen.answers:
        says = (
            f"The pool answers, but a probe of {master.name}'s own address {master.address} failed: "
            f"{SILENCE.get(seen.code, seen.code)}."
        )
        yield SUSPECT.found(the_host(master), says, *_members(case, None))
        return
    lost = [h for h in pool.hosts if (p := _probe(case, h)) and p.emergency and h is not master]
    if master and lost:
        says = f"{master.name} answers us, but {listed(h.name for h in lost)} lost it: in emergency mode."
        yield SUSPECT.found(the_host(master), says, *_members(case, None))


def _disputed(case: Case, pool: PoolFacts | None) -> Finding | None:
    # While a master is moved, or elected, its members follow it one after the other, within seconds.
    named = {p.address: p.master for p in case.facts.probes if p.answers and p.master and settled(case, p)}
    masters = sorted(set(named.values()))
    if len(masters) < 2:
        return None
    names = {h.address: h.name for h in pool.hosts} if pool else {}
    parts = [
        f"{names.get(master, master)} by {listed(names.get(a, a) for a, m in named.items() if m == master)}"
        for master in masters
    ]
    return DISPUTED.found(
        the_pool(case), f"Members name different masters: {'; '.join(parts)}.", *_members(case, None)
    )


def _probe(case: Case, host: Host | None) -> Probe | None:
    return probe_of(case, host) if host else None


def _members(case: Case, master: Host | None) -> Iterator[Evidence]:
    if master:
        yield xenserver(case, f"master {master.name}, last answered", clock(known_at(case)))
    for probe in case.facts.probes:
        said = (
            f"names {probe.master or 'no master'}{', emergency' if probe.emergency else ''}"
            if probe.answers
            else ""
        )
        yield Evidence(f"probe of {probe.address}", said or probe.says or probe.code, "Baton", case.facts.at)
