"""CloudStack's own clocks, as its settings have them: sentences that speak of them take the numbers from here. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pools.cloudstack_facts import CloudStackFacts

SETTINGS: dict[str, float] = {
    "ping.interval": 60,
    "ping.timeout": 2.5,
    "alert.wait": 1800,
    "direct.agent.scan.interval": 90,
    "migratewait": 3600,
    "xenserver.heartbeat.interval": 60,
    "xenserver.heartbeat.timeout": 120,
}
"""Name → CloudStack's default: seconds, but `ping.timeout`, which multiplies `ping.interval`."""
WHAT = {
    "ping.interval": "asks each host so often whether it is well",
    "ping.timeout": "takes a host for lost after so many intervals without an answer",
    "alert.wait": "believes in a host that it cannot judge for so long",
    "direct.agent.scan.interval": "looks for hosts to take back so often",
    "migratewait": "gives one migration so long",
    "xenserver.heartbeat.interval": "has each host write its heartbeat so often",
    "xenserver.heartbeat.timeout": "reboots a host that could not write it for so long",
}


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks in seconds. `told` has the settings that were read; the others are CloudStack's defaults."""

    told: dict[str, float]

    def seconds(self, name: str) -> float:
        return self.told.get(name, SETTINGS[name])

    @property
    def heartbeat_s(self) -> int:
        """A host that cannot write its heartbeat for so long is rebooted by CloudStack's own script."""
        return round(self.seconds("xenserver.heartbeat.timeout"))

    @property
    def lost_s(self) -> int:
        """A host that does not answer is lost after so long."""
        return round(self.seconds("ping.interval") * self.seconds("ping.timeout"))

    @property
    def believes_s(self) -> int:
        """So long CloudStack may go on saying Up of a host that it cannot judge."""
        return round(self.seconds("alert.wait"))

    @property
    def migration_s(self) -> int:
        return round(self.seconds("migratewait"))

    def source(self, name: str) -> str:
        """`alert.wait`, or that it is the default, where it was not read."""
        return name if name in self.told else f"{name}, CloudStack's default"


def timing(seen: CloudStackFacts | None) -> Timing:
    """What the settings say; a value that is no number above zero is as good as not told."""
    found = {name: _number(value) for name, value in (seen.settings if seen else ()) if name in SETTINGS}
    return Timing({name: value for name, value in found.items() if value is not None})


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < 1e7 else None
