"""Lab time for a comparison: it goes by slowly while somebody works, and at once while somebody only waits.

A lab that runs thirty times as fast makes each look of the slower program thirty times as long: then the machine is
measured, and not the procedure. Here the lab's clock is a stepped one. It follows the machine's clock at `RATE`, so
that work still costs its time; whoever would sleep has the clock moved on instead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from lab import remote

RATE = 5.0
"""Lab seconds to a real one while somebody works: a look of 0.2 s takes one. It is against whoever looks more often."""
BEAT_S = 0.05


def sleep(control: int, seconds: float) -> None:
    """Let lab seconds go by, in the lab at that control port; each thing in it happens at its own moment."""
    remote.ask(control, "/step", {"seconds": seconds})


@contextmanager
def going_by(control: int, rate: float = RATE) -> Iterator[None]:
    """Lab time goes by in the background, that many seconds to a real one."""
    enough = threading.Event()

    def follow() -> None:
        last = time.monotonic()
        while not enough.wait(BEAT_S):
            now = time.monotonic()
            sleep(control, (now - last) * rate)
            last = now

    thread = threading.Thread(target=follow, name="lab time", daemon=True)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()
