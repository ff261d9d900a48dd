"""``python -m deploy.welcome``: once everything answers, register the lab's estate and say how to look at it."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path

from deploy.ports import Ports

PATIENCE_S = 60.0


def main() -> None:
    """Wait, register, print."""
    ports = Ports(int(os.environ["PORT"]))
    for port, what in ((ports.web, "web"), (ports.control, "lab")):
        if not answers(port, PATIENCE_S):
            log = Path(os.environ["DATA_DIR"], "log", f"{what}.log")
            sys.exit(f"baton: {what} does not answer on port {port} after {PATIENCE_S:.0f} s; see {log}")
    print(greeting(ports, Path(os.environ["DATA_DIR"])), flush=True)


def answers(port: int, patience_s: float) -> bool:
    """True as soon as somebody accepts connections on the loopback port; False after ``patience_s`` seconds."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def greeting(ports: Ports, data_dir: Path) -> str:
    """The address, who may log in, and what to try first."""
    accounts = json.loads((data_dir / "demo.json").read_text())["accounts"]
    people = ["  {name:<6} {role:<9} {password}".format(**account) for account in accounts]
    lab = f".venv/bin/python -m lab --control {ports.control}"
    return "\n".join(
        [
            "",
            f"Baton is at http://127.0.0.1:{ports.web}/",
            "",
            *people,
            "",
            "Break something and watch it:",
            f"  {lab} break kill basalt-1     # a master dies, and with HA off nobody replaces it",
            f"  {lab} calls                   # every call that XenServer and CloudStack received",
            f"  {lab} mend basalt-1",
            "",
            "Ctrl-C stops everything.",
        ]
    )


if __name__ == "__main__":
    main()
