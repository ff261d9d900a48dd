"""What can be wrong with the management server itself: the words of ``python -m lab break WORD cloudstack``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.cloudstack import restart
from lab.cloudstack.settings import Settings
from lab.cloudstack.state import SETUP_SECONDS

if TYPE_CHECKING:
    from lab.cloudstack.state import CloudStack

HOUR = 3600.0
MINUTES = 300.0


@dataclass(frozen=True)
class Switch:
    """Something to turn on, with the options of the command line."""

    summary: str
    turn_on: Callable[[CloudStack, dict[str, Any]], object]


def _throttle(cloud: CloudStack, options: dict[str, Any]) -> None:
    cloud.settings.put("api.throttling.enabled", "true")
    cloud.settings.put("api.throttling.max", str(options.get("times") or 25))
    cloud.settings.put("api.throttling.interval", str(int(options.get("delay") or 1)))


def _skew(cloud: CloudStack, options: dict[str, Any]) -> None:
    cloud.clock_skew = float(options.get("delay") or HOUR)


def _shut_down(cloud: CloudStack, options: dict[str, Any]) -> None:
    cloud.shutting_down = True


def _endless(cloud: CloudStack, options: dict[str, Any]) -> None:
    cloud.endless_commands.add(str(options.get("call") or "*"))


def _restart(cloud: CloudStack, options: dict[str, Any]) -> None:
    restart.restart(cloud)


def _slow_setup(cloud: CloudStack, options: dict[str, Any]) -> None:
    cloud.setup_seconds = float(options.get("delay") or MINUTES)


SWITCHES = {
    "throttle": Switch("429 after --times calls in --delay real seconds (25 in 1)", _throttle),
    "clock-skew": Switch("the server's clock is --delay seconds ahead (3600): signatures expire", _skew),
    "shutting-down": Switch("asynchronous commands are answered 503", _shut_down),
    "restart": Switch("the management server restarts: its jobs fail, its hosts reconnect", _restart),
    "slow-add-host": Switch("addHost takes --delay lab seconds for each host it finds (300)", _slow_setup),
    "endless-jobs": Switch("jobs of --call never end", _endless),
}


def mend(cloud: CloudStack) -> None:
    """Turn all of them off."""
    for name in ("enabled", "max", "interval"):
        cloud.settings.put(f"api.throttling.{name}", Settings().text(f"api.throttling.{name}"))
    cloud.clock_skew = 0.0
    cloud.shutting_down = False
    cloud.setup_seconds = SETUP_SECONDS
    cloud.endless_commands.clear()
