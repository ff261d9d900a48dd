"""Things that take time, written as generators.

A process yields the lab seconds it waits, or another process it waits for, and returns its result; a ``Refusal`` raised
in it is its failure. So the rules of nature read top to bottom, and never block a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from lab.world.clock import Clock, Timer
from lab.world.refusal import Refusal

Steps = Generator["float | Process", None, Any]
Done = Callable[["Process"], object]


class Process:
    """A running generator. ``status``: pending, success, failure, or stopped (its host died; nobody gets an answer)."""

    def __init__(self, clock: Clock, steps: Steps, crash: Callable[[BaseException], None]) -> None:
        self._clock = clock
        self._steps = steps
        self._crash = crash
        self.timer: Timer | None = None
        self._listeners: list[Done] = []
        self.status = "pending"
        self.result: Any = None
        self.error: Refusal | None = None
        self.progress = 0.0
        self.running_inside = False

    def start(self) -> Process:
        """Run up to the first wait. The checks of a call so happen at once."""
        self._advance()
        return self

    def on_done(self, listener: Done) -> None:
        """Call ``listener(process)`` when it has ended, at once if it already has."""
        if self.status == "pending":
            self._listeners.append(listener)
        else:
            listener(self)

    def stop(self) -> None:
        """Give up without an answer, as when the machine that ran it loses power."""
        if self.status != "pending":
            return
        if self.timer is not None:
            self.timer.cancel()
        self._end("stopped")
        if not self.running_inside:  # a generator that stops itself cannot be closed from its own inside
            self._steps.close()

    def _advance(self) -> None:
        if self.status != "pending":
            return
        self.running_inside = True
        try:
            wait = next(self._steps)
        except StopIteration as end:
            self.result = end.value
            self._end("success")
        except Refusal as refusal:
            self.error = refusal
            self._end("failure")
        except Exception as bug:
            self.error = Refusal("INTERNAL_ERROR", repr(bug))
            self._crash(bug)
            self._end("failure")
        else:
            self._wait(wait)
        finally:
            self.running_inside = False

    def _wait(self, wait: float | Process) -> None:
        if self.status != "pending":
            self._steps.close()
        elif isinstance(wait, Process):
            wait.on_done(lambda _process: self._advance())
        else:
            self.timer = self._clock.after(wait, self._advance)

    def _end(self, status: str) -> None:
        if self.status != "pending":
            return
        self.status = status
        if status == "success":
            self.progress = 1.0
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener(self)
