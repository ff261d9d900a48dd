"""CloudStack's own heartbeat on XenServer hosts (scripts/vm/hypervisor/xenserver/xenheartbeat.sh, check_heartbeat.sh).

A script in each host's dom0 writes the time to a file on each primary storage that is plugged there, every
``xenserver.heartbeat.interval``. When no write has succeeded for ``xenserver.heartbeat.timeout`` it resets the machine,
whatever XenServer's HA thinks of that. CloudStack starts the script whenever it connects the host, so that after a boot
it does not run before; it goes on while the cluster is unmanaged. Neighbours read the file to tell a dead host from a
silent one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world import power

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack


def start(cloud: CloudStack) -> None:
    """Write, for as long as the world lasts."""
    for row in cloud.hosts.values():
        launch(cloud, row)
    cloud.world.on_tick(cloud.settings.number("xenserver.heartbeat.interval"), lambda: _write_all(cloud))


def launch(cloud: CloudStack, row: HostRow) -> None:
    """Start the script in this run of the machine."""
    row.beats_since = row.machine.boot_time
    row.last_beat = cloud.now()


def is_fresh(cloud: CloudStack, row: HostRow) -> bool:
    """Whether the host's file is younger than two intervals, as a neighbour sees it."""
    return cloud.now() - row.last_beat < 2 * cloud.settings.number("xenserver.heartbeat.interval")


def _write_all(cloud: CloudStack) -> None:
    timeout = cloud.settings.number("xenserver.heartbeat.timeout")
    for row in list(cloud.hosts.values()):
        if not _runs(row):
            continue
        reached = _storage_reached(cloud, row)
        if reached:
            row.last_beat = cloud.now()
        elif reached is False and cloud.now() - row.last_beat > timeout:
            power.reboot(cloud.world, row.machine)


def _runs(row: HostRow) -> bool:
    return row.machine.power == "on" and row.machine.boot_time == row.beats_since


def _storage_reached(cloud: CloudStack, row: HostRow) -> bool | None:
    """Whether some primary storage of the host can be written to; None when none is plugged."""
    plugged = [
        pbd.sr for pbd in row.machine.pbds if pbd.attached and pbd.sr.shared and cloud.is_storage(pbd.sr)
    ]
    return any(sr.uuid not in row.machine.cut_srs for sr in plugged) if plugged else None
