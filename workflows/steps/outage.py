"""An outage in six lines, for somebody who was woken by it: who is dead, who takes over, what it costs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from pools.rules.words import clock
from workflows.engine.situation import Situation
from workflows.engine.step import Candidate, Glance
from workflows.steps.dead import power_of, proven_off
from workflows.steps.masterless import SYNC_S, ha_was_on, old_master


def in_short(s: Situation, candidates: Sequence[Candidate]) -> Iterator[Glance]:
    """What a person has to know before an election, the weightiest first. `candidates` best first."""
    yield _who_is_dead(s)
    yield _who_takes_over(s, candidates)
    yield _is_it_off(s)
    yield _what_may_be_lost(s)
    yield _what_becomes_of_guests(s)
    yield _what_follows(s)


def _who_is_dead(s: Situation) -> Glance:
    old, members = old_master(s), len(s.known_pool.hosts) - 1
    heard = [p for p in s.facts.probes if p.answers]
    if s.facts.pool is not None or any(p.address == old.address for p in heard):
        return Glance("Dead", f"Nobody: {old.name}, the master, answers.", "bad")
    waiting = [p for p in heard if p.master == old.address]
    says = (
        f"{old.name}, the master: silent at its own address. {len(waiting)} of {members} members wait for it."
    )
    return Glance("Dead", says, "bad", s.baseline.at.isoformat())


def _who_takes_over(s: Situation, candidates: Sequence[Candidate]) -> Glance:
    chosen = next((c for c in candidates if c.value == s.successor.uuid), None)
    why = f": {', '.join((*chosen.pro, *chosen.con, *chosen.out))}" if chosen else ""
    rest = [c for c in candidates if c.value != s.successor.uuid]
    could = [c.label for c in rest if c.possible]
    cannot = [f"{c.label} ({', '.join(c.out)})" for c in rest if not c.possible]
    also = f" {', '.join(could)} could too." if could else " Nobody else can."
    no = f" Not {', '.join(cannot)}." if cannot and could else f" {', '.join(cannot)}." if cannot else ""
    return Glance(
        "New master", f"{s.successor.name}{why}.{also}{no}", "" if chosen and chosen.possible else "bad"
    )


def _is_it_off(s: Situation) -> Glance:
    name, power = s.host.name, power_of(s)
    if proven_off(s):
        return Glance("Proof that it is off", f"Out-of-band management says that {name} is off.", "good")
    if power == "On":
        return Glance(
            "Proof that it is off", f"Out-of-band management says On: switch {name} off first.", "bad"
        )
    says = f"None from here. Look at the machine; in step 2 you type {name} and answer for it."
    return Glance("Proof that it is off", says, "open")


def _what_may_be_lost(s: Situation) -> Glance:
    pool = s.known_pool
    oldest = timedelta(seconds=SYNC_S * (len(pool.hosts) - 1))
    since = s.baseline.at - oldest
    says = (
        f"What was made or moved after {clock(since)}: a member's copy may be {oldest.seconds // 60} min old. A step "
        f"compares it with what was read last: {len(pool.hosts)} hosts, {len(pool.vms)} guests, {len(pool.srs)} SRs."
    )
    return Glance("May be lost", says, "open")


def _what_becomes_of_guests(s: Situation) -> Glance:
    there = len(s.known_pool.vms_on(s.host.uuid))
    others = len(s.known_pool.vms) - there
    if not there:
        return Glance("Guests", f"None ran on {s.host.name}; the other {others} go on running.")
    says = f"{there} ran on {s.host.name} and count as halted once it is declared dead; the others go on running."
    return Glance("Guests", says)


def _what_follows(s: Situation) -> Glance:
    follows = "CloudStack follows by itself within 4 min. " if s.has_cloudstack or s.known.cloudstack else ""
    if ha_was_on(s):
        ha = f"HA stays owed until {s.host.name} is back or removed: XAPI refuses it with a dead member."
    else:
        ha = f"HA was off: start enable HA once {s.host.name} is back or removed."
    return Glance("Afterwards", follows + ha)
