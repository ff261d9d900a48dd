"""Runs a lab until Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys

from lab.server.limits import TooMany
from lab.server.running import Lab, PortTaken
from lab.server.settings import Settings


def serve(settings: Settings) -> int:
    """Exit status: 0 after a stop, 1 when a port is taken, 2 when there is no such scenario."""
    try:
        lab = Lab(settings)
    except ValueError as problem:
        print(f"lab: {problem}", file=sys.stderr)
        return 2
    try:
        asyncio.run(_serve(lab))
    except (PortTaken, TooMany) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


async def _serve(lab: Lab) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await lab.start()
    gc.freeze()  # the world stays: looking through it for garbage would cost seconds, again and again
    print(ready_line(lab), flush=True)
    await stop.wait()
    await lab.stop()


def ready_line(lab: Lab) -> str:
    """One line, once everything listens."""
    pools = ", ".join(f"{pool.name} at {pool.hosts[0].address}" for pool in lab.world.pools[:5])
    settings = lab.settings
    return (
        f"Lab ready: {settings.world or settings.scenario}; XAPI on port {settings.port} ({pools}), "
        f"CloudStack {settings.cloudstack_port}, control {settings.control_port}. "
        f"A page to break things on: http://127.0.0.1:{settings.control_port}/"
    )
