"""``python tests/support/keeper.py HOME`` ends what a run of the tests has left, once the run is gone, however it went.

Its standard input is a pipe whose other end only the run holds, so that a run killed with -9 is noticed too. What the
run started, and what that started, carries the run's own HOME in its environment, in whichever session it is.
Where there is no /proc (macOS), only PostgreSQL and the folder are seen to.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HOME = "BATON_TEST_HOME"
POSTGRESQL = "postgresql"
"""The server's folder in HOME."""
PATIENCE_S = 10.0


def start(home: Path) -> subprocess.Popen[bytes]:
    """Waits for the end of this process. Close its input to have it tidy up at once."""
    command = [sys.executable, "-S", str(Path(__file__).resolve()), str(home)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def leftovers(home: Path) -> Iterator[int]:
    """Process ids, but for this one's."""
    mark, room = f"{HOME}={home}".encode(), os.fsencode(home)
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # another user's, or gone by now
            theirs = mark in (folder / "environ").read_bytes().split(b"\0")
            # The broker writes its title over its environment; its socket is in the title.
            theirs = theirs or room in (folder / "cmdline").read_bytes()
            if theirs and int(folder.name) != os.getpid():
                yield int(folder.name)


def tidy(home: Path) -> None:
    """End them all; again and again, since a supervisor may have started another meanwhile. Then remove the folder."""
    deadline = time.monotonic() + PATIENCE_S
    _stop_postgresql(home / POSTGRESQL)
    while (left := list(leftovers(home))) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    shutil.rmtree(home, ignore_errors=True)


def _stop_postgresql(folder: Path) -> None:
    """Its sessions overwrite their environment, so it is known by its own note; they end with it."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)


if __name__ == "__main__":
    sys.stdin.buffer.read()
    tidy(Path(sys.argv[1]))
