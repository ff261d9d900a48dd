"""What an HA timeout means for a pool: when its hosts fence, and how near they came to it lately. Pure sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pools.elections import elected_within
from pools.facts import PoolFacts
from pools.rules.words import clock
from pools.timing import Timing

STUMBLES = {
    "HA_STATEFILE_APPROACHING_TIMEOUT": "the heartbeat's storage came close to the timeout",
    "HA_HEARTBEAT_APPROACHING_TIMEOUT": "the heartbeat's network came close to the timeout",
    "HA_XAPI_HEALTHCHECK_APPROACHING_TIMEOUT": "a toolstack came close to the timeout",
    "HA_STATEFILE_LOST": "every host had lost the heartbeat's storage",
    "HA_HOST_WAS_FENCED": "a host fenced itself",
}
"""XAPI's alerts that tell how slow the heartbeat has been; the first three only older releases raise."""
WORTH_RAISING_S = 180


def what_it_means(timeout: int, hosts: int, cloudstack: Timing | None) -> Iterator[str]:
    """Sentences: when this pool's hosts fence, beside the clock that CloudStack keeps of its own, if there is one."""
    yield (
        f"A host that cannot write its heartbeat, or sees none of the other {hosts - 1}, for {timeout} s resets "
        f"itself; when it is the master, a new one serves within {elected_within(timeout).seconds} s."
    )
    if cloudstack is None:
        return
    reboots = cloudstack.heartbeat_s
    if timeout <= reboots:
        yield (
            f"With {timeout} s XenServer fences hosts before CloudStack's own heartbeat does, at "
            f"{reboots} s: a short storage hiccup can take the whole cluster down."
        )
    else:
        yield (
            f"CloudStack's own heartbeat resets a host after {reboots} s without its storage, before "
            f"HA does: storage may stumble for {reboots} s, the network for {timeout} s."
        )


def how_near_it_came(pool: PoolFacts) -> Iterator[str]:
    """The storage's slowest heartbeat itself nobody tells: XAPI keeps no record of it, only alerts of these days."""
    found = Counter(alert.name for alert in pool.alerts if alert.name in STUMBLES)
    if not found:
        yield (
            "How slow the storage's slowest heartbeat was is not known: XAPI keeps no record of it, and no alert of "
            "the last two days says that it came near a timeout."
        )
        return
    since = min((alert.at for alert in pool.alerts if alert.name in STUMBLES and alert.at), default=None)
    told = "; ".join(f"{times} × {STUMBLES[name]} ({name})" for name, times in found.most_common())
    when = f"Since {clock(since)}" if since else "Lately"
    yield (
        f"{when}: {told}. Find out what stumbles before HA depends on it, and take {WORTH_RAISING_S} s or more."
    )
