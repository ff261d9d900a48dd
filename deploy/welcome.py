"""``python -m deploy.welcome``: once everything answers, register the lab's estate and say how to look at it.

What a scenario is about happens after that: a pool is added while its master answers, as in life.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from deploy.ports import Ports
from deploy.refusal import Refusal
from deploy.register import KNOWN, await_first_looks, begin, estate, register, wanted

PATIENCE_S = 60.0


def main() -> None:
    """Wait, register, print, and let the scenario begin."""
    ports, data_dir = Ports(int(os.environ["PORT"])), Path(os.environ["DATA_DIR"])
    await_answer(ports.control, "lab", data_dir)
    try:
        info = estate(ports.control)
        new = introduce(info, data_dir)
    except Refusal as reason:
        sys.exit(f"baton: {reason}")
    await_answer(ports.web, "web", data_dir)
    print(greeting(ports, data_dir, info), flush=True)
    if new:
        await_first_looks(PATIENCE_S)
    if begin(ports.control):
        print("\nbaton: what this scenario is about has happened just now", flush=True)


def await_answer(port: int, what: str, data_dir: Path) -> None:
    """Give up with a sentence if nobody listens on the port in time."""
    if not answers(port, PATIENCE_S):
        log = data_dir / "log" / f"{what}.log"
        sys.exit(f"baton: {what} does not answer on port {port} after {PATIENCE_S:.0f} s; see {log}")


def introduce(info: dict[str, Any], data_dir: Path) -> bool:
    """Register what is not registered yet; a refusal is a sentence, and the console works all the same. False if all
    of it was known."""
    if json.loads((data_dir / KNOWN).read_text()) == wanted(info):
        return False
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    django.setup()
    try:
        added = register(info)
    except Refusal as reason:
        print(f"baton: {reason}", flush=True)
    else:
        print(f"baton: registered {', '.join(added) or 'the new addresses'}", flush=True)
    return True


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


def victim(info: dict[str, Any]) -> str:
    """The host to suggest: basalt's master, whom nobody would replace, or the master of the first pool."""
    pool = next((pool for pool in info["pools"] if pool["name"] == "basalt"), info["pools"][0])
    return str(next(host["name"] for host in pool["hosts"] if host["master"]))


def greeting(ports: Ports, data_dir: Path, info: dict[str, Any]) -> str:
    """The address, who may log in, and what to try first."""
    host = victim(info)
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
            f"  {lab} break kill {host}     # a master loses its power",
            f"  {lab} break revive {host}   # power on again",
            f"  {lab} state                  # what is true",
            f"  {lab} calls                  # every call that XenServer and CloudStack received",
            "",
            "Ctrl-C stops everything.",
        ]
    )


if __name__ == "__main__":
    main()
