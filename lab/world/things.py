"""The things of the data centre, with their true state and what the pool's database says of them.

Where the two differ (a host that died a minute ago is still ``live`` to its master) a comment says which it is.
Sizes are bytes, times lab seconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.world.books import Copy
    from lab.world.process import Process

GIB = 1024**3
MIB = 1024**2
NULL = "OpaqueRef:NULL"
Strings = dict[str, str]


@dataclass(eq=False, repr=False)
class Thing:
    """Anything with an opaque reference and a uuid. Two things are equal only if they are the same one."""

    ref: str
    uuid: str

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'name', self.uuid)}>"


@dataclass(eq=False, repr=False)
class Host(Thing):
    """A XenServer host: a machine, its toolstack, and its record in the pool's database."""

    name: str
    address: str
    pool: Pool
    memory_total: int = 256 * GIB
    memory_overhead: int = 4 * GIB
    cpu_count: int = 32
    cpu_vendor: str = "GenuineIntel"  # as cpuid spells it; AuthenticAMD is the other one
    cpu_features: str = "1fcbfbff-f7fa3223-2d93fbff-00000023"  # asked for at a join only before 7.0
    # The machine, in truth.
    power: str = "on"  # on, booting, off
    toolstack: str = "running"  # running, starting, stopped
    network_cut: bool = False
    clients_cut: bool = False  # its pool reaches it, and nobody else does
    cut_srs: set[str] = field(default_factory=set)  # uuids of SRs whose storage this host cannot reach
    emergency: list[str] | None = None  # why it is in emergency mode, as an error description
    master_address: str = ""  # its own pool.conf: "" = it is master, else the address it believes in
    broken: bool = False  # its pool.conf says "broken": it failed in the second phase of a master change
    proposal: tuple[str, float] | None = None  # the new master it agreed to, and when
    boot_time: float = 0.0
    agent_start_time: float = 0.0
    root_password: str = "baton-lab"
    clock_skew: float = 0.0  # seconds its clock runs ahead
    local_sessions: set[str] = field(default_factory=set)
    ha_armed: bool = False
    ha_excluded: bool = False  # its heartbeat daemon was stopped in good order; until xapi starts again
    silent_since: float | None = None  # others last heard its heartbeat then; None = they hear it now
    written_off: bool = False  # this silence was already acted on
    disabled_until_reboot: bool = False
    keep_disabled: bool = False  # the operator disabled it in this run of the toolstack
    auto_enable: bool = True
    startup_complete: bool = True  # storage is plugged: before that host.enable says HOST_STILL_BOOTING
    clean: bool = False  # it went down by an orderly shutdown, not by a crash or a fence
    fails_to_boot: bool = False  # whoever powers it on waits in vain
    special_networks: set[str] = field(default_factory=set)  # bonds, tunnels, sriovs: no join with them
    processes: set[Process] = field(default_factory=set)  # run in its toolstack and die with it
    starting: Process | None = None  # boot or toolstack start under way
    last_heard: float = 0.0  # by the master, without HA
    skew_reported: bool = False
    copy: Copy | None = None  # its own copy of the database; None: no older than the database itself
    record_of: Host | None = None  # set: no machine, only what another master's database says of that one
    # The record in the pool's database.
    enabled: bool = True
    live: bool = True
    multipathing: bool = False
    power_on_mode: str = ""  # "" = cannot be powered on by a call; wake-on-lan, iLO, DRAC …
    metrics_ref: str = ""
    name_description: str = ""
    pbds: list[PBD] = field(default_factory=list)
    pifs: list[PIF] = field(default_factory=list)
    other_config: Strings = field(default_factory=dict)
    license_params: Strings = field(
        default_factory=lambda: {"enable_xha": "true", "restrict_pooling": "false"}
    )
    software_version: Strings = field(default_factory=dict)
    api_version: tuple[int, int] = (2, 15)
    edition: str = "enterprise-per-socket"
    external_auth_type: str = ""
    external_auth_service_name: str = ""
    pending_guidances: list[str] = field(default_factory=list)  # the mandatory ones (from 8.3)
    pending_guidances_recommended: list[str] = field(default_factory=list)  # from 24.10, as is the next
    pending_guidances_full: list[str] = field(default_factory=list)
    updates_requiring_reboot: list[Update] = field(default_factory=list)
    current_operations: Strings = field(default_factory=dict)
    ha_statefiles: list[str] = field(default_factory=list)
    ha_network_peers: list[str] = field(default_factory=list)

    @property
    def machine(self) -> Host:
        """The machine itself, also for a record in the database of a second master (books.py)."""
        return self.record_of or self

    @property
    def is_master(self) -> bool:
        """What the host believes of itself (its pool.conf)."""
        return self.master_address == ""

    @property
    def resident(self) -> list[VM]:
        """Guests the database places here, without the control domain."""
        return [vm for vm in self.pool.vms if vm.resident_on is self and not vm.is_control_domain]

    @property
    def memory_free(self) -> int:
        used = sum(vm.memory for vm in self.pool.vms if vm.resident_on is self)
        return self.memory_total - self.memory_overhead - used


@dataclass(eq=False, repr=False)
class VM(Thing):
    """A virtual machine. CloudStack's are named like ``i-2-34-VM``."""

    name: str
    pool: Pool
    memory: int = 4 * GIB
    vcpus: int = 2
    power_state: str = "Halted"
    resident_on: Host | None = None
    affinity: Host | None = None
    is_control_domain: bool = False
    is_a_template: bool = False
    ha_restart_priority: str = ""
    ha_always_run: bool = False
    order: int = 0
    start_delay: int = 0
    shutdown_delay: int = 0
    disks: list[VDI] = field(default_factory=list)
    cannot_migrate: list[str] | None = None  # error description when something holds it where it is
    other_config: Strings = field(default_factory=dict)
    current_operations: Strings = field(default_factory=dict)
    name_description: str = ""

    @property
    def protected(self) -> bool:
        """XenServer HA restarts it: xapi's own definition (helpers.ml)."""
        return self.ha_always_run and self.ha_restart_priority == "restart"


@dataclass(eq=False, repr=False)
class SR(Thing):
    """A storage repository."""

    name: str
    pool: Pool
    type: str
    shared: bool
    size: int = 0
    content_type: str = "user"
    is_tools_sr: bool = False
    pbds: list[PBD] = field(default_factory=list)
    vdis: list[VDI] = field(default_factory=list)
    other_config: Strings = field(default_factory=dict)
    name_description: str = ""

    @property
    def used(self) -> int:
        return sum(vdi.virtual_size for vdi in self.vdis)


@dataclass(eq=False, repr=False)
class PBD(Thing):
    """The plug of one SR into one host. ``fails`` is the error of the next plugs while the reason lasts."""

    host: Host
    sr: SR
    attached: bool = True
    device_config: Strings = field(default_factory=dict)
    other_config: Strings = field(default_factory=dict)
    fails: list[str] | None = None


@dataclass(eq=False, repr=False)
class VDI(Thing):
    """A disk. ``type`` is user, system, ha_statefile, redo_log …"""

    name: str
    sr: SR
    virtual_size: int
    type: str = "user"
    name_description: str = ""


@dataclass(eq=False, repr=False)
class Network(Thing):
    """A network; the first of a pool is the management network."""

    name: str
    bridge: str
    pifs: list[PIF] = field(default_factory=list)


@dataclass(eq=False, repr=False)
class PIF(Thing):
    """A physical interface of a host."""

    host: Host
    network: Network
    device: str
    mac: str
    ip: str = ""
    management: bool = False
    attached: bool = True
    disallow_unplug: bool = True
    vlan: int = -1
    primary_address_type: str = "IPv4"


@dataclass(eq=False, repr=False)
class SM(Thing):
    """A storage driver and what it can do."""

    type: str
    features: dict[str, int]
    required_cluster_stack: list[str] = field(default_factory=list)


@dataclass(eq=False, repr=False)
class Update(Thing):
    """An update that was uploaded to the pool: a pool_update from 7.1 on, before that a pool_patch.

    ``guidances`` are what it asks for after it was applied: restartHost, restartXAPI, restartHVM, restartPV.
    """

    name: str
    version: str = "1.0"
    guidances: list[str] = field(default_factory=list)
    enforce_homogeneity: bool = False
    hosts: list[Host] = field(default_factory=list)  # where it was applied


@dataclass(eq=False, repr=False)
class Task(Thing):
    """An asynchronous call. It lives in the memory of the master's toolstack and dies with it."""

    name: str
    process: Process | None
    resident_on: Host
    created: float
    finished: float = 0.0
    cancelled: bool = False


@dataclass(eq=False, repr=False)
class Session(Thing):
    """Somebody who is logged in at a pool's master. It dies with the master's toolstack."""

    user: str
    originator: str
    host: Host
    created: float
    last_active: float


@dataclass(eq=False, repr=False)
class Message(Thing):
    """An alert. ``obj_uuid`` is a uuid, not a reference; priority 1 is critical, 5 information."""

    name: str
    priority: int
    cls: str
    obj_uuid: str
    timestamp: float
    body: str


@dataclass(eq=False, repr=False)
class Pool(Thing):
    """A pool: its hosts and its database."""

    name: str
    master: Host | None = None  # what the database says
    hosts: list[Host] = field(default_factory=list)
    vms: list[VM] = field(default_factory=list)
    srs: list[SR] = field(default_factory=list)
    sms: list[SM] = field(default_factory=list)
    networks: list[Network] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)  # by reference
    # Fields that a client set and nothing in the lab acts on: reference of the object → field → value.
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    default_sr: SR | None = None
    other_config: Strings = field(default_factory=dict)
    restrictions: Strings = field(default_factory=lambda: {"enable_xha": "true", "restrict_pooling": "false"})
    current_operations: Strings = field(default_factory=dict)
    name_description: str = ""
    bandwidth: float = 400e6  # bytes a second a migration moves
    ha_enabled: bool = False
    tls_verification: bool = False
    redo_log_enabled: bool = False
    redo_log_vdi: VDI | None = None
    ha_timeout: float = 60.0  # of the running HA
    ha_default_timeout: float = 60.0  # what its hosts' xapi.conf gives without other word
    ha_prevent_restarts_until: float = 0.0
    statefile_lost: bool = False  # by all of them, and told
    # Where VMs truly ran when the database became an old copy, as far as their hosts have not told it yet.
    unsynced: dict[VM, Host] = field(default_factory=dict)
    unheard: set[Host] = field(default_factory=set)  # hosts that have not told that database their truth yet
    ha_configuration: Strings = field(default_factory=dict)
    ha_statefiles: list[str] = field(default_factory=list)  # VDI references; never cleared (xapi_ha.ml)
    ha_host_failures_to_tolerate: int = 0
    ha_plan_exists_for: int = 0
    ha_overcommitted: bool = False
    ha_allow_overcommit: bool = False

    @property
    def pbds(self) -> list[PBD]:
        return [pbd for sr in self.srs for pbd in sr.pbds]

    @property
    def vdis(self) -> list[VDI]:
        return [vdi for sr in self.srs for vdi in sr.vdis]

    @property
    def pifs(self) -> list[PIF]:
        return [pif for host in self.hosts for pif in host.pifs]
