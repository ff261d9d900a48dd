"""How a lab is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_PORT = 8443


@dataclass(frozen=True)
class Settings:
    """``port`` is the base: XAPI there on each host's address, CloudStack at +1 and control at +2 on 127.0.0.1.

    ``speed``: lab seconds in a real one; None stops the clock, and only ``step`` moves it.
    ``data``: where certificates are kept; None = a folder that goes with the lab.
    ``world``: a saved world to open instead of the scenario.
    ``held``: what a scenario with a past is about happens only when ``begin`` is said; until then all is well.
    ``size``: pools, hosts (of each), vms (in all), for a scenario that lets them be chosen.
    """

    scenario: str = "estate"
    port: int = DEFAULT_PORT
    speed: float | None = 1.0
    plain: bool = False
    data: Path | None = None
    seed: int = 1
    world: Path | None = None
    held: bool = False
    size: Mapping[str, int] = field(default_factory=dict)

    @property
    def cloudstack_port(self) -> int:
        return self.port + 1

    @property
    def control_port(self) -> int:
        return self.port + 2
