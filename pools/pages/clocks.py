"""Who acts first when a host falls silent: XenServer's HA timeout beside CloudStack's own heartbeat. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pools.facts import PoolFacts
from pools.rules.case import Policy
from pools.timing import Timing

LEFT, WIDTH = 16, 360


@dataclass(frozen=True, slots=True)
class Bar:
    """`kind` is `ha`, `cloudstack` or `policy`; x and width in the drawing's units."""

    kind: str
    seconds: int
    label: str
    width: float
    y: int
    short: bool = False


@dataclass(frozen=True, slots=True)
class Clocks:
    """The drawing: bars over one axis, and the sentence below it."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    says: str


def clocks(pool: PoolFacts, policy: Policy, cloudstack: Timing) -> Clocks:
    """`cloudstack` has its clocks: its heartbeat script reboots a host that could not write for so long."""
    timeout, reboots = pool.ha.timeout_s if pool.ha.enabled else None, cloudstack.heartbeat_s
    longest = max(reboots, policy.ha_timeout_s, timeout or 0)
    scale = WIDTH / (longest * 1.1)
    bars = []
    if timeout:
        short = timeout < policy.ha_timeout_s
        bars.append(Bar("ha", timeout, f"HA fences at {timeout} s", timeout * scale, 22, short))
    bars.append(Bar("cloudstack", reboots, f"CloudStack reboots at {reboots} s", reboots * scale, 48))
    wanted = policy.ha_timeout_s
    bars.append(Bar("policy", wanted, f"the policy wants {wanted} s", wanted * scale, 74))
    step = 30 if longest <= 240 else 60 if longest <= 480 else 180
    ticks = tuple((LEFT + second * scale, str(second)) for second in range(0, longest + 1, step))
    return Clocks(tuple(bars), ticks, _says(timeout, cloudstack))


def _says(timeout: int | None, cloudstack: Timing) -> str:
    reboots = cloudstack.heartbeat_s
    whose = f" ({cloudstack.source('xenserver.heartbeat.timeout')})."
    if timeout is None:
        return f"HA fences nobody. CloudStack’s own heartbeat reboots a host after {reboots} s without storage{whose}"
    if timeout <= reboots:
        return (
            f"With {timeout} s, HA fences before CloudStack’s heartbeat would reboot: a storage blip of {timeout} s "
            f"takes down every host{whose}"
        )
    return f"CloudStack’s heartbeat reboots a host before HA fences it; a blip of up to {reboots} s passes{whose}"
