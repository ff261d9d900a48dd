"""Runs a lab until Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import sys

from lab import scenarios
from lab.server.running import Lab, PortTaken
from lab.server.settings import Settings


def serve(settings: Settings) -> int:
    """Exit status: 0 after a stop, 1 when a port is taken, 2 when there is no such scenario."""
    if settings.scenario not in scenarios.names():
        print(
            f"No scenario is called {settings.scenario!r}; there are: {', '.join(scenarios.names())}.",
            file=sys.stderr,
        )
        return 2
    try:
        asyncio.run(_serve(settings))
    except PortTaken as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


async def _serve(settings: Settings) -> None:
    lab = Lab(settings)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await lab.start()
    print(ready_line(lab), flush=True)
    await stop.wait()
    await lab.stop()


def ready_line(lab: Lab) -> str:
    """One line, once everything listens."""
    pools = ", ".join(f"{pool.name} at {pool.hosts[0].address}" for pool in lab.world.pools[:5])
    settings = lab.settings
    return (
        f"Lab ready: {settings.scenario}; XAPI on port {settings.port} ({pools}), "
        f"CloudStack {settings.cloudstack_port}, control {settings.control_port}."
    )
