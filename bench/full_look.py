"""The first full look at a large pool beside what others need to load it: `python -m bench.full_look`.

64 hosts and 3,000 VMs in a lab of its own process, over TLS. Each loader is a process of its own as well, and they
take turns, so that whatever else the machine does is shared by all. Told are medians, and the ratio of each round's
pair.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench import peers
from bench.figures import Figure, report
from bench.lab import Lab

SIZE = ("--scenario", "big", "--pools", "1", "--hosts", "64", "--vms", "3000")
ROUNDS = 5
LIMIT_S = 120.0
Load = dict[str, float]
"""`wall` and `cpu` in seconds, and `records`."""


def figures() -> Iterator[Figure]:
    """CPU and wall time of ours, and its share of each peer's."""
    with Lab(*SIZE, tls=True) as lab:
        info = lab.info()
        try:
            npm = peers.xen_api()
        except peers.NoPeer as why:
            print(f"# peer not available: {why}", flush=True)
            npm = None
        rounds = [_round(info, npm) for _ in range(ROUNDS)]
    for measure in ("cpu", "wall"):
        for who in rounds[0]:
            yield Figure(f"full-look-{measure}-{who}", median(r[who][measure] for r in rounds), "s", ">=0")
        if npm:
            yield Figure(f"full-look-{measure}-of-npm", _ratio(rounds, measure, "npm"), "x", "<=1")
        yield Figure(f"full-look-{measure}-of-sdk", _ratio(rounds, measure, "sdk"), "x", "<=0.2")


def _ratio(rounds: list[dict[str, Load]], measure: str, peer: str) -> float:
    return median(each["ours"][measure] / each[peer][measure] for each in rounds)


def _round(info: dict[str, Any], npm: Path | None) -> dict[str, Load]:
    """One load by each, one after the other."""
    python = [sys.executable, "-m", "bench.loading"]
    found = {who: _load([*python, who], json.dumps(info)) for who in ("ours", "sdk")}
    return {**found, "npm": _load(_node(npm, info), "")} if npm else found


def _node(folder: Path, info: dict[str, Any]) -> list[str]:
    host, who = info["pools"][0]["hosts"][0], info["xapi"]
    script = str(Path(__file__).with_name("xen_api.mjs"))
    url = f"https://{host['address']}:{host['port']}"
    return ["node", script, str(folder), url, who["user"], who["password"]]


def _load(command: list[str], told: str) -> Load:
    done = subprocess.run(command, input=told, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if done.returncode:
        raise SystemExit(f"bench.full_look: {' '.join(command[:3])} failed: {done.stderr[-500:]}")
    load: Load = json.loads(done.stdout.splitlines()[-1])
    return load


if __name__ == "__main__":
    report(figures())
