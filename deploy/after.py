"""``python -m deploy.after PORT COMMAND…``: become the command once somebody answers on the loopback port.

The workers start when the page does, so that the first page does not share two processors with four more starts.
"""

from __future__ import annotations

import os
import sys

from deploy.welcome import answers

PATIENCE_S = 8.0
"""Then the command starts all the same: a web server that is down must not keep the workers down."""


def main() -> None:
    port, *command = sys.argv[1:]
    answers(int(port), PATIENCE_S)
    os.execvp(command[0], command)  # noqa: S606 - the supervisor's own words, no shell


if __name__ == "__main__":
    main()
