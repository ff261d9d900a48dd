"""How long nobody may answer before that is called trouble."""

from __future__ import annotations

from datetime import timedelta

from pools.facts import Probe
from pools.rules.case import Case

RESTART = timedelta(seconds=60)
"""A toolstack that is restarted refuses connections for 10 to 30 s, on a large pool's master up to a minute; its guests
and its host go on."""
LOST = timedelta(seconds=15)
"""One question that stays open may be a lost packet, or a host under load; three in a row are not."""
RESTARTING = frozenset({"refused", "cut"})
"""Codes that somebody sent: the machine is up, and its toolstack is not."""


def patience(code: str) -> timedelta:
    """How long such a silence may last before a member is called silent."""
    return RESTART if code in RESTARTING else LOST


def lasts(case: Case, probe: Probe) -> bool:
    """Whether it has been silent for long enough. A look that asked by itself, once, is believed."""
    return probe.since is None or case.now - probe.since >= patience(probe.code)


def settled(case: Case, probe: Probe) -> bool:
    """Whether it has said the same for long enough. A look that asked by itself, once, is believed."""
    return probe.since is None or case.now - probe.since >= LOST
