"""The management server's clockwork: pings, the agent monitor that misses them, and the scan that brings
hosts back.

Sources: AgentManagerImpl (AgentMonitor, investigate), ClusteredAgentManagerImpl (DirectAgentScanTask),
HighAvailability's investigators. A cluster that is not Managed is left alone by all of it. All intervals are
settings, in lab seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloudstack import heartbeat, old_ways, recovery, sync, xenserver
from lab.cloudstack.emptying import check_and_maintain

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow
    from lab.cloudstack.state import CloudStack
    from lab.world import Steps

CONNECT_SECONDS = 8.0
"""Login, SetupCommand and copying the scripts, on a host that has been set up before."""
QUIET_STATES = ("Disabled", "Maintenance")


def start(cloud: CloudStack) -> None:
    """Set the clockwork going."""
    interval = cloud.settings.number("ping.interval")
    cloud.world.on_tick(interval, lambda: ping_all(cloud))
    cloud.world.on_tick(interval, lambda: watch_all(cloud))
    cloud.world.on_tick(cloud.settings.number("direct.agent.scan.interval"), lambda: scan(cloud))


def ping_timeout(cloud: CloudStack) -> float:
    """Seconds without a ping after which a host is behind: 150 by default."""
    return cloud.settings.number("ping.interval") * cloud.settings.number("ping.timeout")


def _is_managed(row: HostRow) -> bool:
    return row.cluster.managed_state == "Managed"


# Pings


def ping_all(cloud: CloudStack) -> None:
    """Ping every host that this server holds; what does not answer leaves no trace but its age."""
    for row in list(cloud.hosts.values()):
        if row.connected and _is_managed(row) and row.status != "Connecting":
            _ping(cloud, row)


def _ping(cloud: CloudStack, row: HostRow) -> None:
    if xenserver.answers_ping(cloud, row):
        record_ping(cloud, row)
    elif cloud.version.elects_master and xenserver.pool_of(cloud, row) is None:
        old_ways.elect(cloud, row)


def record_ping(cloud: CloudStack, row: HostRow) -> None:
    """A ping came back: its time, Up, and where the host's VMs are."""
    row.last_pinged = cloud.now()
    cloud.host_event(row, "Ping")
    sync.power_states(cloud, row)


# The agent monitor


def watch_all(cloud: CloudStack) -> None:
    """AgentMonitor: act on the hosts that are behind, then complete the maintenances."""
    late = cloud.now() - ping_timeout(cloud)
    for row in list(cloud.hosts.values()):
        if row.connected and _is_managed(row) and row.last_pinged < late and row.status == "Up":
            _behind(cloud, row)
    check_and_maintain(cloud)


def _behind(cloud: CloudStack, row: HostRow) -> None:
    if row.resource_state in QUIET_STATES:
        cloud.host_event(row, "ShutdownRequested")
        return
    verdict = investigate(cloud, row)
    if verdict is None and cloud.now() - row.last_pinged > cloud.settings.number("alert.wait"):
        verdict = "Alert"
    _act(cloud, row, verdict)


def investigate(cloud: CloudStack, row: HostRow) -> str | None:
    """Up, Down, Disconnected or Alert; None when nobody can tell, and then nothing happens until
    ``alert.wait``."""
    if xenserver.answers_ping(cloud, row):
        return "Up"
    if not cloud.settings.flag("vm.ha.enabled"):
        return "Alert"
    if _a_neighbour_is_up(cloud, row):
        if not heartbeat.is_fresh(cloud, row):
            return "Down"
        if cloud.version.beating_host_is_up:
            return "Up"
    return "Disconnected" if _the_pod_can_ping(cloud, row) else None


def _a_neighbour_is_up(cloud: CloudStack, row: HostRow) -> bool:
    """Whether some host of the cluster can be asked over SSH for the heartbeat file. It needs no XAPI for
    that."""
    peers = (peer for peer in cloud.cluster_hosts(row.cluster) if peer is not row and peer.status == "Up")
    return any(xenserver.is_pingable(peer) for peer in peers)


def _the_pod_can_ping(cloud: CloudStack, row: HostRow) -> bool:
    """PingInvestigator: a host of the pod that XAPI can be used on pings the management address."""
    if not xenserver.is_pingable(row):
        return False
    others = (
        peer for peer in cloud.hosts.values() if peer is not row and peer.status == "Up" and _is_managed(peer)
    )
    return any(xenserver.answers_ping(cloud, peer) for peer in others)


def _act(cloud: CloudStack, row: HostRow, verdict: str | None) -> None:
    if verdict == "Up":
        record_ping(cloud, row)
    elif verdict == "Down":
        _host_down(cloud, row)
    elif verdict == "Disconnected":
        cloud.alert(f"Host disconnected, {row.description}")
        cloud.host_event(row, "AgentDisconnected")
    elif verdict == "Alert":
        cloud.alert(f"Host in ALERT state, {row.description}")
        cloud.host_event(row, "AgentDisconnected")


def _host_down(cloud: CloudStack, row: HostRow) -> None:
    if not cloud.host_event(row, "HostDown"):
        return
    cloud.alert(f"Host down, {row.number}")
    cloud.alert(f"Host is down, {row.description}")
    recovery.restart_vms(cloud, row)


# The scan


def scan(cloud: CloudStack) -> None:
    """DirectAgentScanTask: load hosts without an owner whose last ping is old, a limited number each time."""
    late = cloud.now() - ping_timeout(cloud)
    waiting = [
        row
        for row in cloud.hosts.values()
        if not row.connected and _is_managed(row) and row.last_pinged < late
    ]
    for row in waiting[: int(cloud.settings.number("direct.agent.load.size"))]:
        if xenserver.answers_ping(cloud, row):
            cloud.world.run(connect(cloud, row))
        elif row.status in ("Down", "Disconnected") and row.resource_state not in QUIET_STATES:
            _failed_setup(cloud, row)


def connect(cloud: CloudStack, row: HostRow) -> Steps:
    """Connecting, set-up, Up."""
    if not cloud.host_event(row, "AgentConnected"):
        return
    row.connected = True
    yield CONNECT_SECONDS
    if row.status != "Connecting":
        return
    if not xenserver.answers_ping(cloud, row):
        cloud.host_event(row, "AgentDisconnected")
        return
    cloud.host_event(row, "Ready")
    heartbeat.launch(cloud, row)
    record_ping(cloud, row)


def _failed_setup(cloud: CloudStack, row: HostRow) -> None:
    """The host is back on the network but does not let itself be connected (disabled): it lands in Alert.

    [inferred] From AgentConnected followed by AgentDisconnected in the Status table; a host that does not
    answer at all is never got so far with, and stays what it is.
    """
    if not xenserver.reaches_pool(cloud, row):
        return
    cloud.host_event(row, "AgentConnected")
    cloud.alert(f"Host disconnected, {row.description}")
    cloud.host_event(row, "AgentDisconnected")
