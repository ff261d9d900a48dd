"""Seeing a fence loop: from outside, at the members' own addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.engine.situation import Situation
from workflows.engine.step import Check, Progress, Step
from workflows.steps.masterless import answers


@dataclass(frozen=True)
class SeeWhoLoops(Step):
    """A host in a loop is away, boots, answers in emergency mode for as long as the timeout and a minute, and resets
    itself. The chosen one can be disarmed only while it answers, so that is waited for."""

    title = "See who loops, and wait until {successor} answers"
    within = 1200.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(
            answers(s, s.successor),
            f"{s.successor.name} answers at its own address",
            "It is between two boots, or off. If it stays silent, end this run and choose the other host.",
            how_it_stands(s),
        )

    def done(self, s: Situation) -> bool:
        return answers(s, s.successor)

    def progress(self, s: Situation) -> Progress:
        return Progress(how_it_stands(s))


def how_it_stands(s: Situation) -> str:
    """Each host in a word: `amber-1 in emergency mode (HOST_STILL_BOOTING), amber-2 silent`."""
    words = []
    for host in s.known_pool.hosts:
        seen = s.probe(host)
        if seen is None or not seen.answers:
            words.append(f"{host.name} silent")
        elif seen.emergency:
            words.append(f"{host.name} in emergency mode ({seen.code or 'no reason given'})")
        else:
            words.append(f"{host.name} answers")
    return ", ".join(words)


def looks_broken(s: Situation) -> bool:
    """Whether there is anything to break: no master, or a member that lost it."""
    lost = any(p.emergency for p in s.facts.probes)
    return s.facts.pool is None or lost
