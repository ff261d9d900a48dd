"""What Baton can do, as one explicit list: a workflow is a file in this folder and a line here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workflows.catalogue.change_ha_timeout import ChangeHaTimeout
from workflows.catalogue.enable_ha import EnableHa
from workflows.catalogue.reenable_host import ReenableHost
from workflows.catalogue.remove_master import RemoveMaster
from workflows.catalogue.rolling_reboot import RollingReboot
from workflows.catalogue.settle_debts import SettleDebts
from workflows.catalogue.unprotect_vms import UnprotectVms
from workflows.engine.step import Step, Workflow
from workflows.steps import (
    cloudstack,
    cluster,
    guests,
    ha,
    host,
    look,
    master,
    membership,
    placing,
    rolling,
    upkeep,
)

WORKFLOWS: dict[str, Workflow] = {
    w.slug: w
    for w in (
        RemoveMaster(),
        ReenableHost(),
        RollingReboot(),
        EnableHa(),
        ChangeHaTimeout(),
        UnprotectVms(),
        SettleDebts(),
    )
}


def _classes(modules: Iterable[Any]) -> dict[str, type[Step]]:
    found = (value for module in modules for value in vars(module).values() if isinstance(value, type))
    return {cls.__name__: cls for cls in found if issubclass(cls, Step) and cls is not Step}


STEPS: dict[str, type[Step]] = _classes(
    (cloudstack, cluster, guests, ha, host, look, master, membership, placing, rolling, upkeep)
)
"""Every step by its key: how a run's rows find their class again."""


def step_for(key: str, args: dict[str, Any]) -> Step:
    """The step of a run's row. KeyError when a release no longer has it: the run then needs a human."""
    return STEPS[key](**args)
