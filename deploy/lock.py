"""One demo per data folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

from deploy.refusal import Refusal


def hold(file: Path) -> tuple[TextIO, str]:
    """Lock ``file`` for as long as the returned handle is open; also returns a sentence if it was left behind.

    The kernel's lock dies with its process, so a pid that has been given to another program cannot fool us.
    Raises Refusal, with the pid, when a living demo holds it.
    """
    handle = file.open("a+")
    handle.seek(0)
    previous = handle.read().strip()
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        raise Refusal(
            f"a demo is running in {file.parent} (process {previous or 'unknown'}); stop it with Ctrl-C, "
            "or start this one with another DATA_DIR and PORT"
        ) from None
    handle.truncate(0)
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle, f"{file} was left by process {previous}, which is gone: taken over." if previous else ""


def release(handle: TextIO) -> None:
    """Empty the file, so that the next start finds nothing left behind, and let go."""
    handle.truncate(0)
    handle.close()
