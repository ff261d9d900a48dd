"""Out-of-band management: how a host's controller is reached, its power state, and its buttons."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any

from lab.cloudstack import out_of_band
from lab.cloudstack.envelope import Record, without_nulls
from lab.cloudstack.registry import Call, command

JAVA = "org.apache.cloudstack.api.command.admin.outofbandmanagement"
SINCE = (4, 9)
PLACES = {"Host": "hostid", "Cluster": "clusterid", "Zone": "zoneid"}


@command(
    "configureOutOfBandManagement",
    required=("hostid", "driver", "address", "port", "username", "password"),
    changing=True,
    since=SINCE,
)
def configure(call: Call) -> Record:
    """Configures a host's out-of-band management interface"""
    told = call.params
    controller = out_of_band.Controller(
        told["driver"], told["address"], told["port"], told["username"], told["password"]
    )
    out_of_band.configure(call.cloud, call.host, controller)
    done = "Out-of-band management successfully configured for the host"
    known = out_of_band.record(call.cloud.controllers[call.host.id])
    return {"outofbandmanagement": without_nulls(known | {"description": done, "status": True})}


def _switch(call: Call, parameter: str, *, on: bool) -> Record:
    if parameter == "hostid":
        out_of_band.switch(call.cloud, call.host, on=on)
    else:
        out_of_band.switch_all(call.cloud, call.params[parameter], on=on)
    return {"outofbandmanagement": {"enabled": on, "status": True}}


def _register() -> None:
    """Six commands that differ in a word: enable and disable, for a host, a cluster, a zone."""
    for verb, on in (("enable", True), ("disable", False)):
        for place, parameter in PLACES.items():
            name = f"{verb}OutOfBandManagementFor{place}"
            handler = partial(_switch, parameter=parameter, on=on)
            handler.__doc__ = f"{verb.capitalize()}s out-of-band management for a {place.lower()}"
            command(
                name,
                required=(parameter,),
                is_async=True,
                changing=True,
                since=SINCE,
                java_class=f"{JAVA}.{name[0].upper()}{name[1:]}Cmd",
            )(handler)


_register()


@command(
    "issueOutOfBandManagementPowerAction",
    required=("hostid", "action"),
    optional=("timeout",),
    is_async=True,
    changing=True,
    since=SINCE,
    event="HOST.OOBM.ACTION",
    doing="issuing out-of-band management action to host",
    java_class=f"{JAVA}.IssueOutOfBandManagementPowerActionCmd",
)
def issue_power_action(call: Call) -> Generator[Any, None, Record]:
    """Initiates the specified power action to the host's out-of-band management interface"""
    row, action = call.host, call.params["action"]
    controller = yield from out_of_band.act(call.cloud, row, action)
    told = {
        "hostid": row.id,
        "action": action,
        "status": True,
        "description": _result(row.machine.power, action),
    }
    return {"outofbandmanagement": without_nulls(out_of_band.record(controller) | told)}


def _result(machine_power: str, action: str) -> str:
    """What ipmitool prints."""
    if action == "STATUS":
        return f"Chassis Power is {'off' if machine_power == 'off' else 'on'}"
    return f"Chassis Power Control: {action.capitalize()}"


@command(
    "changeOutOfBandManagementPassword",
    required=("hostid",),
    optional=("password",),
    is_async=True,
    changing=True,
    since=SINCE,
    java_class=f"{JAVA}.ChangeOutOfBandManagementPasswordCmd",
)
def change_password(call: Call) -> Record:
    """Changes out-of-band management interface password on the host and updates the interface configuration in
    CloudStack if the operation succeeds, else reverts the old password"""
    out_of_band.change_password(call.cloud, call.host, call.params.get("password", ""))
    return {"outofbandmanagement": {"hostid": call.host.id, "status": True}}
