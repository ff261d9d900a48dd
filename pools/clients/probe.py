"""Asking one address by itself from a thread: what a look does where nobody has asked before it."""

from __future__ import annotations

import asyncio

from pools.clients.asking import ASK_S, ask
from pools.clients.errors import TimedOut
from pools.clients.wire import Deadline
from pools.clients.xapi import Endpoint
from pools.facts import Probe

PROBE_S = ASK_S


def probe(
    address: str,
    endpoint: Endpoint,
    *,
    deadline: Deadline | None = None,
    login: bool = True,
    through: bool = False,
) -> Probe:
    """How that address answers, within PROBE_S seconds; a member names its master, and is not followed. `through`: it
    is asked whether it reaches that master, too. Without `login` no password is tried."""
    try:
        seconds = (deadline or Deadline()).left(PROBE_S)
        return asyncio.run(ask(address, endpoint, login=login, through=through, seconds=seconds))
    except TimeoutError:
        says = TimedOut("read", address, PROBE_S).says
        return Probe(address=address, answers=False, code="timeout", says=says)
