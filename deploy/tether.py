"""``python -m deploy.tether PARENT WORD …`` becomes the command, and has it ended when its parent dies.

A supervisor that is killed with -9 cannot stop its children; the kernel can (prctl(2), PR_SET_PDEATHSIG). PARENT is
the process id of the parent, which may be dead before this process has asked for its name.
Where there is no prctl (macOS), the command just runs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tether(parent: int) -> None:
    """Ask for SIGTERM at the parent's death; exits at once if it died before we asked."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


def main(words: list[str]) -> None:
    """Tether, then replace this process."""
    parent, *command = words
    tether(int(parent))
    os.execvp(command[0], command)  # noqa: S606 - the caller's own words, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
