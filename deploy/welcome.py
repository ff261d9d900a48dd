"""``python -m deploy.welcome``: once everything answers, register the lab's estate and say how to look at it."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path

import django

from deploy.ports import Ports
from deploy.refusal import Refusal
from deploy.register import estate, register

PATIENCE_S = 60.0


def main() -> None:
    """Wait, register, print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    ports, data_dir = Ports(int(os.environ["PORT"])), Path(os.environ["DATA_DIR"])
    django.setup()
    for port, what in ((ports.control, "lab"), (ports.web, "web")):
        if not answers(port, PATIENCE_S):
            log = data_dir / "log" / f"{what}.log"
            sys.exit(f"baton: {what} does not answer on port {port} after {PATIENCE_S:.0f} s; see {log}")
        if what == "lab":
            introduce(ports)
    print(greeting(ports, data_dir), flush=True)


def introduce(ports: Ports) -> None:
    """Register the lab's estate; a refusal is a sentence, and the console can be looked at all the same."""
    try:
        added = register(estate(ports.control), ports)
    except Refusal as reason:
        print(f"baton: {reason}", flush=True)
    else:
        if added:
            print(f"baton: registered {', '.join(added)}", flush=True)


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
    python = os.path.relpath(sys.executable)
    lab = f"{python} -m lab --control {ports.control}"
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
            f"  {lab} break revive basalt-1   # power on again",
            "",
            "Ctrl-C stops everything.",
        ]
    )


if __name__ == "__main__":
    main()
