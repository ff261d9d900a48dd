"""What Baton can do, as one explicit list: a workflow is a file in this folder and a line here."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from workflows import steps
from workflows.catalogue.add_hosts import AddHosts
from workflows.catalogue.break_fence_loop import BreakFenceLoop
from workflows.catalogue.build_cluster import BuildCluster
from workflows.catalogue.change_ha_timeout import ChangeHaTimeout
from workflows.catalogue.change_master import ChangeMaster
from workflows.catalogue.disable_ha import SwitchHaOff
from workflows.catalogue.elect_master import ElectMaster
from workflows.catalogue.enable_ha import EnableHa
from workflows.catalogue.reenable_host import ReenableHost
from workflows.catalogue.remove_host import RemoveHost
from workflows.catalogue.remove_master import RemoveMaster
from workflows.catalogue.rolling_reboot import RollingReboot
from workflows.catalogue.settle_debts import SettleDebts
from workflows.catalogue.unprotect_vms import UnprotectVms
from workflows.engine.step import Step, Workflow

WORKFLOWS: dict[str, Workflow] = {
    w.slug: w
    for w in (
        ElectMaster(),
        ChangeMaster(),
        RemoveMaster(),
        RemoveHost(),
        AddHosts(),
        BuildCluster(),
        ReenableHost(),
        RollingReboot(),
        EnableHa(),
        ChangeHaTimeout(),
        SwitchHaOff(),
        UnprotectVms(),
        BreakFenceLoop(),
        SettleDebts(),
    )
}


def _classes(modules: Iterable[Any]) -> dict[str, type[Step]]:
    found = (value for module in modules for value in vars(module).values() if isinstance(value, type))
    return {cls.__name__: cls for cls in found if issubclass(cls, Step) and cls is not Step}


STEPS: dict[str, type[Step]] = _classes(
    import_module(f"{steps.__name__}.{module.name}") for module in iter_modules(steps.__path__)
)
"""Every step by its key: how a run's rows find their class again."""


def step_for(key: str, args: dict[str, Any]) -> Step:
    """The step of a run's row. KeyError when a release no longer has it: the run then needs a human."""
    return STEPS[key](**args)
