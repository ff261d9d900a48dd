"""CloudStack's own records: what its database says, which need not be what is true. Times are lab seconds
since 1970."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.cloudstack.errors import ApiError
    from lab.world import SR, VM, Host, Process


@dataclass(eq=False)
class Zone:
    id: str
    name: str


@dataclass(eq=False)
class Pod:
    id: str
    name: str
    zone: Zone


@dataclass(eq=False)
class Cluster:
    """A cluster; ``guid`` is the uuid of the XenServer pool it took its first host from, None while it has
    no host."""

    id: str
    number: int
    name: str
    pod: Pod
    guid: str | None
    managed_state: str = "Managed"
    allocation_state: str = "Enabled"
    known_master: Host | None = None
    """The host that the management server's cached pool connection leads to (XenServerConnectionPool)."""

    @property
    def log_text(self) -> str:
        """The cluster as the refusals of newer versions print it."""
        return f'Cluster {{"id":{self.number},"name":"{self.name}","uuid":"{self.id}"}}'


@dataclass(eq=False)
class HostRow:
    """A host as CloudStack's database has it. ``guid`` is the XAPI uuid it was discovered with."""

    id: str
    number: int
    name: str
    machine: Host
    """The host that listens on the row's address."""
    guid: str
    cluster: Cluster
    created: float
    last_pinged: float
    status: str = "Up"
    resource_state: str = "Enabled"
    connected: bool = True
    """A management server owns it and holds its direct agent."""
    disconnected: float | None = None
    """When it was last lost. It stays set after the host has come back."""
    tags: list[str] = field(default_factory=list)
    annotation: str | None = None
    annotated: float | None = None
    beats_since: float = 0.0
    """The machine's boot time when its heartbeat script was last started."""
    last_beat: float = 0.0
    leaving: dict[str, bool] = field(default_factory=dict)
    """Ids of the VMs that are to be moved away, and that tries are left for; False once a try has failed."""
    emptying: Process | None = None
    """Who moves them; None also in a world that was loaded from a file."""
    vms: dict[str, VmRow] = field(default_factory=dict)
    """What CloudStack places here, by id. Changed by ``CloudStack.place`` only."""

    @property
    def address(self) -> str:
        return self.machine.address

    @property
    def description(self) -> str:
        """The host as alerts name it."""
        pod = self.cluster.pod
        return f"name: {self.name} (id:{self.id}), availability zone: {pod.zone.name}, pod: {pod.name}"

    @property
    def log_text(self) -> str:
        """The host as the refusals of newer versions print it."""
        return f'Host {{"id":{self.number},"name":"{self.name}","type":"Routing","uuid":"{self.id}"}}'


@dataclass(eq=False)
class VmRow:
    """An instance, router or system VM; ``kind`` is user, router, consoleproxy or secondarystoragevm.

    ``host`` is where CloudStack believes it to run; ``CloudStack.place`` changes it.
    """

    id: str
    vm: VM
    kind: str
    created: float
    state: str = "Running"
    ha: bool = True
    host: HostRow | None = None

    @property
    def number(self) -> int:
        """The number in its name, which is its database id: 34 of ``i-2-34-VM``."""
        return int(self.vm.name.split("-")[-2])


@dataclass(eq=False)
class StoragePool:
    """A primary storage. For NFS the SR's name-label is this id on a real XenServer."""

    id: str
    sr: SR
    cluster: Cluster
    host: HostRow | None
    created: float
    state: str = "Up"


@dataclass(frozen=True)
class Alert:
    id: str
    type: int
    name: str
    subject: str
    sent: float


@dataclass(frozen=True)
class Event:
    id: str
    type: str
    level: str
    description: str
    state: str
    created: float
    user: str
    host: HostRow | None = None
    parent: str | None = None


@dataclass(eq=False)
class Job:
    """An asynchronous command. ``status``: 0 in progress, 1 succeeded, 2 failed."""

    id: str
    command: str
    user: str
    created: float
    instance_type: str | None = None
    instance_id: str | None = None
    status: int = 0
    result: dict[str, Any] | None = None
    error: ApiError | None = None
    event: str | None = None
    """The id of the event that says it was scheduled: the parent of its others."""
    process: Process | None = None
    completed: float | None = None


@dataclass(frozen=True)
class User:
    """A key pair, a password for logins, and what the role may do."""

    name: str
    id: str
    account_id: str
    api_key: str
    secret_key: str
    is_admin: bool
    password: str
