"""A lab inside a test: ``with running_lab("estate", speed=200) as lab: …``, in a thread and on free ports."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from lab import chaos
from lab.server import tls
from lab.server.running import Lab, PortTaken
from lab.server.settings import Settings
from lab.world import SteppedClock, World

T = TypeVar("T")
# Below the kernel's range for outgoing connections (32768 …), so that nothing takes the port of a host that is off.
FIRST_PORT, LAST_PORT = 20_000, 32_000
START_SECONDS = 20.0


class RunningLab:
    """A handle on a lab that runs in another thread."""

    user = "root"
    password = "baton-lab"
    api_key = "lab-api-key"
    secret_key = "lab-secret-key"

    def __init__(self, lab: Lab, loop: asyncio.AbstractEventLoop) -> None:
        self.lab = lab
        self.loop = loop
        self.port = lab.settings.port
        self.control_port = lab.settings.control_port
        self.cloudstack_url = f"http://127.0.0.1:{lab.settings.cloudstack_port}/client/api"

    @property
    def world(self) -> World:
        """Look only; change it with ``do``."""
        return self.lab.world

    def address(self, host: str) -> str:
        """The IP address of a host."""
        return self.world.host(host).address

    def url(self, host: str) -> str:
        """Where its XAPI is."""
        return f"{'http' if self.lab.settings.plain else 'https'}://{self.address(host)}:{self.port}"

    def certificate(self, host: str) -> str:
        """What the host shows, in PEM."""
        return self.do(lambda world: world.certificate(world.host(host)))

    def fingerprint(self, host: str) -> str:
        """SHA-256 of its certificate, in hex."""
        return tls.fingerprint(self.certificate(host))

    def do(self, action: Callable[[World], T]) -> T:
        """Run ``action(world)`` in the lab's thread and return what it returns."""

        async def run() -> T:
            return action(self.world)

        return self._wait(run())

    def break_(self, kind: str, where: str, **options: Any) -> str:
        """As ``python -m lab break KIND WHERE --option …``."""
        return self._wait(chaos.break_(self.lab, kind, where, options))

    def mend(self, where: str = "all") -> str:
        """As ``python -m lab mend WHERE``."""
        return self._wait(chaos.mend(self.lab, where))

    def calls(self, *names: str, changing: bool = False) -> list[dict[str, Any]]:
        """The log of calls, or those of the given names (``Async.`` counts as the same call)."""
        calls = self.do(lambda world: world.calls.as_data(changing=changing))
        return [call for call in calls if not names or call["name"].removeprefix("Async.") in names]

    def step(self, seconds: float) -> None:
        """Let lab time go by; only with ``speed=None``."""
        clock = self.world.clock
        if not isinstance(clock, SteppedClock):
            raise TypeError("only a lab with speed=None can be stepped")
        self.do(lambda world: clock.step(seconds))

    def wait_until(self, condition: Callable[[World], object], seconds: float = 60.0) -> None:
        """Wait until the condition holds; AssertionError after that many real seconds."""
        deadline = time.monotonic() + seconds
        while not self.do(condition):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s")
            time.sleep(0.01)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=30)


@contextmanager
def running_lab(
    scenario: str = "estate",
    *,
    speed: float | None = 100.0,
    plain: bool = False,
    port: int | None = None,
    data: Path | None = None,
    seed: int = 1,
    world: Path | None = None,
    size: Mapping[str, int] | None = None,
) -> Iterator[RunningLab]:
    """Start a lab and stop it at the end; a bug of the lab itself fails the test. ``speed=None``: a stepped clock.
    ``size`` is for the scenario ``big``: pools, hosts of each, vms in all."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="lab", daemon=True)
    thread.start()
    try:
        lab = _start(
            loop,
            scenario,
            speed=speed,
            plain=plain,
            port=port,
            data=data,
            seed=seed,
            world=world,
            size=size or {},
        )
        try:
            yield RunningLab(lab, loop)
        finally:
            asyncio.run_coroutine_threadsafe(lab.stop(), loop).result(timeout=START_SECONDS)
        if lab.world.crashes:
            raise AssertionError(f"bugs of the lab itself: {lab.world.crashes}")
    finally:
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(timeout=START_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=START_SECONDS)
        loop.close()


def free_port() -> int:
    """A base port at random; whether its three are free shows when a lab starts there."""
    return random.randrange(FIRST_PORT, LAST_PORT, 4)


def _start(loop: asyncio.AbstractEventLoop, scenario: str, *, port: int | None, **how: Any) -> Lab:
    """On the given port, or on one found free by trying: the lab holds its control port all the time."""
    for _attempt in range(50):
        base = port or free_port()
        lab = Lab(Settings(scenario=scenario, port=base, **how))
        try:
            asyncio.run_coroutine_threadsafe(lab.start(), loop).result(timeout=START_SECONDS)
        except PortTaken:
            if port is not None:
                raise
        else:
            return lab
    raise PortTaken(f"no three free ports between {FIRST_PORT} and {LAST_PORT}")


async def _cancel_all() -> None:
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
