"""Makes the lab's pools and its CloudStack known to the console, by the same commands that anybody would use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command

from deploy.refusal import Refusal

CLOUDSTACK = "lab"
KNOWN = "registered.json"


def estate(control: int) -> dict[str, Any]:
    """What ``python -m lab info`` says of the lab at this control port: addresses, fingerprints, passwords."""
    words = [sys.executable, "-m", "lab", "--control", str(control), "info"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(f"the lab does not say what it is: {done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def begin(control: int) -> bool:
    """Let happen what the lab's scenario is about, now that its pools were seen well. False if it is about nothing."""
    words = [sys.executable, "-m", "lab", "--control", str(control), "begin"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.startswith("It has")


def await_first_looks(patience_s: float) -> None:
    """Until each pool was read once, or the time is over."""
    from pools.models import Pool

    deadline = time.monotonic() + patience_s
    while Pool.objects.filter(good_at=None).exists() and time.monotonic() < deadline:
        time.sleep(0.5)  # between two questions; the watcher needs a second or two


def known() -> list[list[str | int]]:
    """The lab's pools and CloudStack in the database, with where they are; as JSON gives it back."""
    from pools.models import CloudStack, Pool

    found: list[list[str | int]] = []
    found += [[pool.name, pool.port] for pool in Pool.objects.filter(cloudstack__name=CLOUDSTACK)]
    found += [[each.name, each.url] for each in CloudStack.objects.filter(name=CLOUDSTACK)]
    return sorted(found)


def wanted(info: dict[str, Any]) -> list[list[str | int]]:
    """What `known` says when everything of this lab is registered where it is now."""
    pools = [[pool["name"], info["ports"]["xapi"]] for pool in info["pools"]]
    return sorted([*pools, [CLOUDSTACK, info["cloudstack"]["url"]]])


def register(info: dict[str, Any]) -> list[str]:
    """Add what is not known yet, and follow a lab that has moved to other ports; returns the names added."""
    from pools.models import CloudStack, Pool

    CloudStack.objects.filter(name=CLOUDSTACK).update(url=info["cloudstack"]["url"])
    Pool.objects.filter(cloudstack__name=CLOUDSTACK).update(port=info["ports"]["xapi"])
    names = {*Pool.objects.values_list("name", flat=True)}
    added = []
    if not CloudStack.objects.filter(name=CLOUDSTACK).exists():
        add_cloudstack(info["cloudstack"])
        added.append(CLOUDSTACK)
    for pool in info["pools"]:
        if pool["name"] not in names:
            add_pool(pool, info["xapi"])
            added.append(pool["name"])
    return added


def add_cloudstack(cloudstack: dict[str, str]) -> None:
    """``add_cloudstack``, with the keys where it expects secrets: in the environment."""
    os.environ["LAB_API_KEY"] = cloudstack["api_key"]
    os.environ["LAB_SECRET_KEY"] = cloudstack["secret_key"]
    keys = ["--api-key-env", "LAB_API_KEY", "--secret-key-env", "LAB_SECRET_KEY"]
    run("add_cloudstack", CLOUDSTACK, "--url", cloudstack["url"], *keys)


def add_pool(pool: dict[str, Any], xapi: dict[str, Any]) -> None:
    """``add_pool`` with every member's address, the master's first, and the master's fingerprint."""
    os.environ["LAB_PASSWORD"] = xapi["password"]
    hosts = sorted(pool["hosts"], key=lambda host: not host["master"])
    addresses = [word for host in hosts for word in ("--address", host["address"])]
    trust = ["--fingerprint", hosts[0]["fingerprint"]] if xapi["tls"] else ["--plain-http"]
    login = ["--port", str(hosts[0]["port"]), "--user", xapi["user"], "--password-env", "LAB_PASSWORD"]
    run(
        "add_pool",
        pool["name"],
        *addresses,
        *login,
        *trust,
        "--cloudstack",
        CLOUDSTACK,
        "--cluster",
        pool["name"],
    )


def run(command: str, name: str, *words: str) -> None:
    """One command of manage.py; its complaint becomes ours."""
    try:
        call_command(command, name, *words, stdout=StringIO())
    except CommandError as complaint:
        raise Refusal(f"{command} {name} was refused: {complaint}") from None
