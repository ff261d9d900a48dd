"""Out-of-band management of hosts, since 4.9: CloudStack asks the machine's own controller for its power
(OutOfBandManagementServiceImpl).

A controller has a network and a supply of its own: it answers for a machine that is off or cut off. The power state in
the list of hosts comes from a poll every few seconds, not from the actions: those tell no more than that they were
accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.cloudstack.errors import refused
from lab.world import power

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Steps

DRIVERS = ("ipmitool", "redfish", "nestedcloudstack")
USERNAME, PASSWORD = "ADMIN", "baton-lab"
"""What every controller of the lab takes."""
POLL_SECONDS = 4.0
ACTION_SECONDS = 2.0
SOFT_SECONDS = 20.0
"""From the press of the button until the machine has shut itself down."""
AUTH_ERROR = "Unable to establish IPMI v2 / RMCP+ session"
OPERATIONS = ("ON", "OFF", "CYCLE", "RESET", "SOFT", "STATUS")


@dataclass(eq=False)
class Controller:
    """What CloudStack was told about a host's controller, and the power state it last saw: On, Off, Unknown or
    Disabled."""

    driver: str
    address: str
    port: str
    username: str
    password: str
    enabled: bool = False
    power_state: str = "Disabled"
    complained: bool = False
    """An alert about its credentials was sent already."""


def start(cloud: CloudStack) -> None:
    """Poll, for as long as the world lasts."""
    cloud.world.on_tick(POLL_SECONDS, lambda: _poll(cloud))


def configure(cloud: CloudStack, row: HostRow, controller: Controller) -> None:
    """Note how the host's controller is reached. What was enabled stays enabled."""
    if controller.driver.lower() not in DRIVERS:
        raise refused("Out-of-band management driver is not available. Please provide a valid driver name.")
    known = cloud.controllers.get(row.id)
    if known is not None:
        controller.enabled, controller.power_state = known.enabled, known.power_state
    cloud.controllers[row.id] = controller


def switch(cloud: CloudStack, row: HostRow, *, on: bool) -> None:
    """Enable or disable it for one host; the power state is Disabled until the next poll."""
    controller = cloud.controllers.get(row.id)
    if controller is None:
        raise refused(
            "Out-of-band management is not configured for the host. "
            "Please configure the host before enabling/disabling it."
        )
    controller.enabled, controller.power_state, controller.complained = on, "Disabled", False


def switch_all(cloud: CloudStack, place: str, *, on: bool) -> None:
    """Enable or disable it for a whole cluster or zone, by its id."""
    (cloud.places_without_power.discard if on else cloud.places_without_power.add)(place)
    _poll(cloud)


def act(cloud: CloudStack, row: HostRow, operation: str) -> Steps:
    """Carry out a power operation; the controller as it is known afterwards. ApiError when it is off or refuses."""
    if operation not in OPERATIONS:
        kind = "org.apache.cloudstack.outofbandmanagement.OutOfBandManagement.PowerOperation"
        raise refused(f"No enum constant {kind}.{operation}")
    controller = _usable(cloud, row)
    yield ACTION_SECONDS
    if not _accepted(controller):
        if operation == "STATUS":
            controller.power_state = "Unknown"
        raise refused(_complaint(cloud, row, controller, operation))
    if operation == "STATUS":
        controller.power_state = _true_state(row)
    else:
        _press(cloud, row, operation)
    return controller


def change_password(cloud: CloudStack, row: HostRow, password: str) -> None:
    """Change it in the controller and here; the lab's controllers take only the one they have."""
    controller = _usable(cloud, row)
    if password != PASSWORD:
        raise refused(
            f"Failed to change out-of-band management password for host ({row.id}) with error: not permitted"
        )
    controller.password = password


def _usable(cloud: CloudStack, row: HostRow) -> Controller:
    """The host's controller; ApiError when it is switched off for the zone, the cluster or the host."""
    for place, name in ((row.cluster.pod.zone.id, "zone"), (row.cluster.id, "cluster")):
        if place in cloud.places_without_power:
            raise refused(f"Out-of-band management is disabled for the host's {name}. Aborting Operation.")
    controller = cloud.controllers.get(row.id)
    if controller is None or not _is_on(cloud, row, controller):
        raise refused(
            "Out-of-band management is disabled or not configured for the host. Aborting Operation."
        )
    return controller


def _is_on(cloud: CloudStack, row: HostRow, controller: Controller) -> bool:
    off = {row.cluster.id, row.cluster.pod.zone.id} & cloud.places_without_power
    return controller.enabled and row.resource_state != "Degraded" and not off


def _accepted(controller: Controller) -> bool:
    return (controller.username, controller.password) == (USERNAME, PASSWORD)


def _complaint(cloud: CloudStack, row: HostRow, controller: Controller, operation: str) -> str:
    """Why it failed; the first time there is an alert as well."""
    if not controller.complained:
        controller.complained = True
        where = f"host:{row.number} in cluster:{row.cluster.number}, zone:1"
        cloud.alert(f"Out-of-band management auth-error detected for {where}", 29)
    return (
        f"Out-of-band Management action ({operation}) on host ({row.id}) failed due to authentication error: "
        f"{AUTH_ERROR}. Please check configured credentials."
    )


def _true_state(row: HostRow) -> str:
    return "Off" if row.machine.power == "off" else "On"


def _press(cloud: CloudStack, row: HostRow, operation: str) -> None:
    world, machine = cloud.world, row.machine
    if operation == "ON":
        power.revive(world, machine)
    elif machine.power == "off":
        return
    elif operation == "OFF":
        power.kill(world, machine)
    elif operation == "SOFT":
        world.after(SOFT_SECONDS, lambda: power.kill(world, machine))
    else:
        power.reboot(world, machine)


def _poll(cloud: CloudStack) -> None:
    for host_id, controller in list(cloud.controllers.items()):
        row = cloud.hosts.get(host_id)
        if row is None:
            del cloud.controllers[host_id]
        elif not _is_on(cloud, row, controller):
            controller.power_state = "Disabled"
        elif _accepted(controller):
            controller.power_state = _true_state(row)
        else:
            controller.power_state = "Unknown"
            _complaint(cloud, row, controller, "STATUS")


def record(controller: Controller | None) -> dict[str, Any]:
    """As the API shows it: of the password the first letter only."""
    if controller is None:
        return {"enabled": False, "powerstate": "Disabled"}
    return {
        "powerstate": controller.power_state,
        "enabled": controller.enabled,
        "driver": controller.driver,
        "address": controller.address,
        "port": controller.port,
        "username": controller.username,
        "password": f"{controller.password[:1]}****" if controller.password else None,
    }


def equip(cloud: CloudStack, row: HostRow) -> None:
    """Give a host a controller that works and is watched, as a scenario's plan asks."""
    address = row.address.replace("127.10.", "127.20.")
    controller = Controller("ipmitool", address, "623", USERNAME, PASSWORD, enabled=True)
    controller.power_state = _true_state(row)
    cloud.controllers[row.id] = controller
