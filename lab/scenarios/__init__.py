"""Scenarios: each a small file with a ``build(world)`` and a first docstring line that says what there is to see.

A scenario about something that has happened lets it happen: ``PAST`` is how many lab seconds the world lives through
before the lab opens, and ``build`` says with ``world.after(seconds, …)`` what comes to pass in them.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from typing import Any

from lab.world import World

NOT_SCENARIOS = {"build"}


def names() -> list[str]:
    """The scenarios there are, as the command line spells them."""
    found = (module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if name not in NOT_SCENARIOS)


def summary(name: str) -> str:
    """The scenario's first docstring line."""
    return (_module(name).__doc__ or "").strip().splitlines()[0]


def past(name: str) -> float:
    """Lab seconds that this world lives through before it opens; 0 for an unknown one."""
    return float(getattr(_module(name), "PAST", 0)) if name in names() else 0.0


def load(name: str, world: World, size: Mapping[str, int] | None = None) -> World:
    """Fill the world; ``size`` is for a scenario that lets its size be chosen: pools, hosts, vms.

    ValueError with the names there are when there is no such scenario, or none of that size.
    """
    if name not in names():
        raise ValueError(f"no scenario is called {name!r}; there are: {', '.join(names())}")
    build = _module(name).build
    if size and not set(size) <= set(inspect.signature(build).parameters):
        raise ValueError(f"the scenario {name} has a size of its own; --pools, --hosts and --vms are for big")
    build(world, **(size or {}))
    world.cloudstack_plan = {**CLOUDSTACK, **world.cloudstack_plan}
    return world


# What a scenario's CloudStack is like unless it says otherwise (world.cloudstack_plan).
# Clusters are named as the pools.
# ``alert``: names of hosts that are in Alert from the start; ``absent``: hosts of a pool that CloudStack does not know.
CLOUDSTACK: dict[str, Any] = {
    "version": "4.20.1.0",
    "zone": "AMS-1",
    "pod": "POD-1",
    "clusters": None,  # names of the pools that are clusters; None = all
    "alert": [],
    "absent": [],
    "unmanaged": [],  # clusters
    "out_of_band": [],  # names of hosts whose out-of-band controller CloudStack asks for their power
}


def _module(name: str) -> Any:
    return importlib.import_module(f"lab.scenarios.{name.replace('-', '_')}")
