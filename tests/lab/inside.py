"""The lab without sockets: its world on a stepped clock, and calls as its dispatcher gets them."""

from __future__ import annotations

from typing import Any

from lab import scenarios
from lab.world import SR, Host, Pool, SteppedClock, World
from lab.world.process import Process
from lab.world.refusal import Refusal
from lab.xapi import dispatch

PATIENCE = 3600


class Inside:
    """A scenario's world. Calls are made at a host by name; ``call`` steps the clock until they have ended."""

    def __init__(self, scenario: str = "estate") -> None:
        self.world = scenarios.load(scenario, World(SteppedClock()))
        self.world.begin()

    def step(self, seconds: float) -> None:
        self.world.clock.live_through(seconds)
        assert self.world.crashes == []

    def host(self, name: str) -> Host:
        return self.world.host(name)

    def pool(self, name: str) -> Pool:
        return self.world.pool(name)

    def sr(self, pool: str, name: str) -> SR:
        return next(sr for sr in self.pool(pool).srs if sr.name == name)

    def begin(self, at: str, method: str, *args: Any, local: bool = False) -> Process:
        """A call that a host gets, with a session of its own; Refusal if it is refused at once."""
        host = self.host(at)
        login = "slave_local_login_with_password" if local else "login_with_password"
        session = dispatch.begin(self.world, host, f"session.{login}", ["root", host.root_password])
        if session.error is not None:
            raise session.error
        return dispatch.begin(self.world, host, method, [session.result, *args])

    def call(self, at: str, method: str, *args: Any, local: bool = False) -> Any:
        """The result of a call; Refusal if it failed."""
        return self.end(self.begin(at, method, *args, local=local))

    def end(self, process: Process) -> Any:
        """Step until it has ended."""
        for _ in range(PATIENCE):
            if process.status != "pending":
                break
            self.step(1)
        if process.error is not None:
            raise process.error
        assert process.status == "success", process.status
        return process.result

    def refusal(self, at: str, method: str, *args: Any, local: bool = False) -> list[str]:
        """How a call is refused; AssertionError if it is not."""
        try:
            result = self.call(at, method, *args, local=local)
        except Refusal as refusal:
            return refusal.description
        raise AssertionError(f"{method} was not refused, it answered {result!r}")

    def refused(self, process: Process) -> list[str]:
        """How a call that is under way is refused in the end; AssertionError if it is not."""
        try:
            self.end(process)
        except Refusal as refusal:
            return refusal.description
        raise AssertionError("it was not refused")

    def empty(self, name: str) -> None:
        """Halt the guests of a host, by a miracle."""
        for vm in self.host(name).resident:
            vm.power_state, vm.resident_on = "Halted", None
