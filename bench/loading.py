"""One first load of a pool in a process of its own: `python -m bench.loading ours|sdk < INFO`, where INFO is what
`python -m lab info` prints. Prints JSON: seconds of `wall` and `cpu` from before the login until everything is there,
and how many `records` that is.

What is imported is paid before: a watcher looks for weeks.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import time
import xmlrpc.client
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

SUFFIX = ".get_all_records"


def ours(info: dict[str, Any]) -> Callable[[], int]:
    """The watcher's first look: one address is known, and the members' certificates from when it was registered."""
    from pools import collector
    from pools.clients.trust import Trust
    from pools.clients.xapi import Endpoint
    from pools.secret import Secret

    hosts, who = info["pools"][0]["hosts"], info["xapi"]
    trust = Trust(frozenset(host["fingerprint"] for host in hosts))
    way = Endpoint((hosts[0]["address"],), hosts[0]["port"], who["user"], Secret(who["password"]), trust)

    def load() -> int:
        facts = collector.look(way, None, "", now=datetime.now(UTC), deadline_s=60).pool
        if facts is None:
            raise SystemExit("bench.loading: the pool could not be read")
        return len(facts.hosts) + len(facts.vms) + len(facts.srs) + len(facts.pbds)

    return load


def sdk(info: dict[str, Any]) -> Callable[[], int]:
    """Every class that has get_all_records, one after the other: npm xen-api loads the same ones."""
    import XenAPI

    host, who = info["pools"][0]["hosts"][0], info["xapi"]
    url = f"https://{host['address']}:{host['port']}"

    def load() -> int:
        session = XenAPI.Session(url, ignore_ssl=True)
        session.login_with_password(who["user"], who["password"], "1.0", "bench")
        return sum(len(session.xenapi_request(call, ())) for call in _calls(url))

    return load


def _calls(url: str) -> list[str]:
    """`system.listMethods` takes no session, so the SDK cannot ask it."""
    context = ssl._create_unverified_context()  # noqa: S323 - the lab's own certificate, on this machine
    server: Any = xmlrpc.client.ServerProxy(url, context=context)
    return [name for name in server.system.listMethods() if name.endswith(SUFFIX)]


def measured(load: Callable[[], int]) -> dict[str, float]:
    """What one load costs."""
    before, began = os.times(), time.perf_counter()
    records = load()
    wall, after = time.perf_counter() - began, os.times()
    return {"wall": wall, "cpu": sum(after[:2]) - sum(before[:2]), "records": records}


if __name__ == "__main__":
    print(json.dumps(measured({"ours": ours, "sdk": sdk}[sys.argv[1]](json.load(sys.stdin)))))
