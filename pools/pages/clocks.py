"""Who acts first when a host falls silent: XenServer's HA timeout beside CloudStack's own heartbeat. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pools.facts import PoolFacts
from pools.rules.case import Policy

CLOUDSTACK_S = 120
"""CloudStack's heartbeat script reboots a host that could not write for this long (xenserver.heartbeat.timeout)."""
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


def clocks(pool: PoolFacts, policy: Policy) -> Clocks:
    timeout = pool.ha.timeout_s if pool.ha.enabled else None
    longest = max(CLOUDSTACK_S, policy.ha_timeout_s, timeout or 0)
    scale = WIDTH / (longest * 1.1)
    bars = []
    if timeout:
        short = timeout < policy.ha_timeout_s
        bars.append(Bar("ha", timeout, f"HA fences at {timeout} s", timeout * scale, 22, short))
    bars.append(
        Bar("cloudstack", CLOUDSTACK_S, f"CloudStack reboots at {CLOUDSTACK_S} s", CLOUDSTACK_S * scale, 48)
    )
    wanted = policy.ha_timeout_s
    bars.append(Bar("policy", wanted, f"policy: HA at {wanted} s", wanted * scale, 74))
    step = 30 if longest <= 240 else 60 if longest <= 480 else 180
    ticks = tuple((LEFT + second * scale, str(second)) for second in range(0, longest + 1, step))
    return Clocks(tuple(bars), ticks, _says(timeout, policy))


def _says(timeout: int | None, policy: Policy) -> str:
    if timeout is None:
        return f"HA fences nobody. CloudStack’s own heartbeat reboots a host after {CLOUDSTACK_S} s without storage."
    if timeout <= CLOUDSTACK_S:
        return (
            f"With {timeout} s, HA fences before CloudStack’s heartbeat would reboot: a storage blip of {timeout} s "
            "takes down every host."
        )
    return (
        f"CloudStack’s heartbeat reboots a host before HA fences it; a blip of up to {CLOUDSTACK_S} s passes."
    )
