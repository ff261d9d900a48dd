"""What the management server knows: its tables, its users, its settings and its log."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lab.cloudstack.admission import RateLimit
from lab.cloudstack.model import Alert, Cluster, Event, HostRow, Job, Pod, StoragePool, User, VmRow, Zone
from lab.cloudstack.settings import Settings
from lab.cloudstack.states import LOST_CONNECTION, next_resource_state, next_status
from lab.cloudstack.versions import Version

if TYPE_CHECKING:
    from lab.cloudstack.login import Session
    from lab.cloudstack.out_of_band import Controller
    from lab.world import SR, VM, Host, World

ADMIN_KEYS = ("lab-api-key", "lab-secret-key")
USER_KEYS = ("user-api-key", "user-secret-key")
PASSWORD = "baton-lab"
"""Of both users, for logins."""
ALERT_NAMES = {
    7: "ALERT.COMPUTE.HOST",
    8: "ALERT.USERVM",
    9: "ALERT.SERVICE.DOMAINROUTER",
    10: "ALERT.SERVICE.CONSOLEPROXY",
    12: "ALERT.STORAGE.MISC",
    14: "ALERT.MANAGEMENT",
    15: "ALERT.NETWORK.DOMAINROUTERMIGRATE",
    16: "ALERT.SERVICE.CONSOLEPROXYMIGRATE",
    17: "ALERT.USERVM.MIGRATE",
    19: "ALERT.SERVICE.SSVM",
    29: "ALERT.OOBM.AUTHERROR",
}
HOST_ALERT = 7
EVERY_TIME = frozenset({7, 8, 9, 10, 12, 14, 19, 26, 28, 29, 30, 31})
"""The types of which each alert is kept (AlertManagerImpl)."""
SETUP_SECONDS = 15.0
"""SSH, copying the scripts, configuring: for each host that is added."""


class CloudStack:
    """One CloudStack with one management server. Lives in the world's thread as ``world.cloudstack``."""

    def __init__(self, world: World, version: str, zone: str, pod: str) -> None:
        self.world = world
        self.version = Version(version)
        self.settings = Settings()
        self.zone = Zone(world.new_uuid(), zone)
        self.pod = Pod(world.new_uuid(), pod, self.zone)
        self.clusters: dict[str, Cluster] = {}
        self.hosts: dict[str, HostRow] = {}
        self.vms: dict[str, VmRow] = {}
        self._vm_rows: dict[str, VmRow] = {}
        self.storage_pools: dict[str, StoragePool] = {}
        self._storage_of: dict[str, StoragePool] = {}  # by the SR's reference
        self._cluster_numbers = itertools.count(1)
        self._host_numbers = itertools.count(1)
        self.controllers: dict[str, Controller] = {}
        """Out-of-band management, by the host's id."""
        self.places_without_power: set[str] = set()
        """Ids of clusters and zones for which out-of-band management is disabled."""
        self.jobs: dict[str, Job] = {}
        self.alerts: list[Alert] = []
        self.archived_alerts: set[str] = set()
        self.events: list[Event] = []
        self.server_id = world.new_uuid()
        self.server_number = 345_051_122_337
        self.started = world.now()
        self.users = [self._user("admin", ADMIN_KEYS, True), self._user("user", USER_KEYS, False)]
        self.domain_id, self.template_id = world.new_uuid(), world.new_uuid()
        self.sessions: dict[str, Session] = {}
        self.rate_limit = RateLimit()
        self.shutting_down = False
        """In maintenance or shutdown: asynchronous commands are answered 503."""
        self.endless_commands: set[str] = set()
        """Commands, as shell patterns, whose jobs never end."""
        self.setup_seconds = SETUP_SECONDS
        """How long addHost takes for each host it finds."""
        self.clock_skew = 0.0
        """Seconds the management server's clock is ahead of the machine's; it decides what has expired."""

    def _user(self, name: str, keys: tuple[str, str], is_admin: bool) -> User:
        return User(name, self.world.new_uuid(), self.world.new_uuid(), *keys, is_admin, PASSWORD)

    def now(self) -> float:
        """Lab seconds since 1970."""
        return self.world.now()

    def wall_time(self) -> float:
        """Seconds since 1970 by the management server's clock, which callers' signatures expire by. It is
        the machine's and not the lab's, since callers do not live on lab time."""
        return time.time() + self.clock_skew

    def table(self, kind: str) -> Mapping[str, Any]:
        """What there is of a kind, by id: zone, pod, cluster, host, vm or storagepool."""
        rows: dict[str, Mapping[str, Any]] = {
            "zone": {self.zone.id: self.zone},
            "pod": {self.pod.id: self.pod},
            "cluster": self.clusters,
            "host": self.hosts,
            "vm": self.vms,
            "storagepool": self.storage_pools,
        }
        return rows[kind]

    def is_storage(self, sr: SR) -> bool:
        """Whether the SR is primary storage of CloudStack."""
        known = self._storage_of.get(sr.ref)
        return known is not None and known.id in self.storage_pools

    def cluster_hosts(self, cluster: Cluster) -> list[HostRow]:
        return [row for row in self.hosts.values() if row.cluster is cluster]

    def vms_on(self, row: HostRow) -> list[VmRow]:
        """What CloudStack believes to run there."""
        return list(row.vms.values())

    def place(self, vm: VmRow, row: HostRow | None) -> None:
        """Note where a VM runs; None when it does not."""
        if vm.host is not None:
            vm.host.vms.pop(vm.id, None)
        vm.host = row
        if row is not None:
            row.vms[vm.id] = vm
        else:
            vm.state = "Stopped"

    def vm_row(self, vm: VM) -> VmRow | None:
        """The row of a VM; None for those that are not CloudStack's."""
        return self._vm_rows.get(vm.ref)

    def add_vm(self, row: VmRow, home: HostRow | None) -> None:
        """Take a VM in."""
        self.vms[row.id] = self._vm_rows[row.vm.ref] = row
        self.place(row, home)

    def add_cluster(self, name: str, guid: str | None = None) -> Cluster:
        """A new cluster, Managed and Enabled."""
        number = next(self._cluster_numbers)
        cluster = Cluster(self.world.new_uuid(), number, name, self.pod, guid)
        self.clusters[cluster.id] = cluster
        return cluster

    def add_host(self, cluster: Cluster, machine: Host, created: float, *, status: str = "Up") -> HostRow:
        """A new row for a machine, with the next database id; ``created`` in lab seconds since 1970."""
        number = next(self._host_numbers)
        row = HostRow(
            self.world.new_uuid(), number, machine.name, machine, machine.uuid, cluster, created, self.now()
        )
        row.status = status
        self.hosts[row.id] = row
        return row

    def add_storage(self, sr: SR, cluster: Cluster, home: HostRow | None, created: float) -> StoragePool:
        """Make an SR primary storage of a cluster, or of the host ``home``; one that is known already gets that host
        back."""
        known = self._storage_of.get(sr.ref)
        if known is None or known.id not in self.storage_pools:
            known = StoragePool(self.world.new_uuid(), sr, cluster, home, created)
            self.storage_pools[known.id] = self._storage_of[sr.ref] = known
        known.host = home
        return known

    # Changing state

    def host_event(self, row: HostRow, event: str) -> bool:
        """Move the host's Status; False where its table has no such transition."""
        status = next_status(row.status, event, old=self.version.old_states)
        if status is None:
            return False
        if status in LOST_CONNECTION:
            row.connected = False
        if (
            event in ("AgentDisconnected", "ShutdownRequested", "HostDown", "PingTimeout")
            and status != row.status
        ):
            row.disconnected = self.now()
        row.status = status
        return True

    def resource_event(self, row: HostRow, event: str) -> bool:
        """Move the host's ResourceState; False where its table has no such transition."""
        state = next_resource_state(row.resource_state, event, old=self.version.old_resource_states)
        if state is None:
            return False
        row.resource_state = state
        return True

    # Telling

    def alert(self, subject: str, kind: int = HOST_ALERT) -> None:
        """Send an alert; the API later shows its subject only. Of most types there is one until it is put away."""
        if kind not in EVERY_TIME and any(
            alert.type == kind and alert.id not in self.archived_alerts for alert in self.alerts
        ):
            return
        self.alerts.append(Alert(self.world.new_uuid(), kind, ALERT_NAMES[kind], subject, self.now()))

    def log_event(
        self,
        kind: str,
        text: str,
        *,
        user: str = "system",
        state: str = "Completed",
        level: str = "INFO",
        host: HostRow | None = None,
        parent: str | None = None,
    ) -> str:
        """Write an event, as the audit log of the API shows it; its id."""
        event = Event(self.world.new_uuid(), kind, level, text, state, self.now(), user, host, parent)
        self.events.append(event)
        return event.id
