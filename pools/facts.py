"""What both captains said at one moment: frozen, comparable, and free of I/O.

The collector fills these in; rules judge them, workflows project them, models remember them as JSON.
Only the standard library is used here. `None` means "not known", never "no": a rule that needs a value
which is not known keeps silent about it. Field names follow XAPI and the CloudStack API.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from pools.cloudstack_facts import CloudStackFacts, CsHost
from pools.volatile import VOLATILE, volatile

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One host as its pool's master describes it. `uuid` is what to keep; `ref` lives as long as the database."""

    uuid: str
    ref: str
    name: str
    address: str
    enabled: bool
    live: bool
    version: str = ""
    is_master: bool = False
    boot_time: float | None = volatile()
    agent_start_time: float | None = volatile()
    memory_total: int | None = volatile()
    memory_free: int | None = volatile()
    pending_guidances: tuple[str, ...] = ()
    reboot_due: bool = False
    """An installed update waits for a reboot; XAPI need not insist on it, as it does on `pending_guidances`."""
    maintenance_mode: bool = False
    """XenCenter's `other_config:MAINTENANCE_MODE`."""
    auto_enable: bool | None = None
    ha_statefiles: tuple[str, ...] = field(default=(), metadata=VOLATILE)
    """Non-empty when the live set says that this host reaches the statefile (xapi_ha.ml:636)."""
    ha_licensed: bool | None = None
    current_operations: tuple[str, ...] = field(default=(), metadata=VOLATILE)
    certificate_expires: datetime | None = None
    clock_ahead_s: float | None = field(default=None, metadata=VOLATILE, compare=False)
    """Seconds by which its clock is ahead of the console's, at the last full look; no two measurements are equal."""
    clock_within_s: float = field(default=0.0, metadata=VOLATILE, compare=False)
    """How far off that may be: half the way there and back, and half of XAPI's whole seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pbd:
    """The cable between one host and one SR."""

    uuid: str
    ref: str
    host: str
    sr: str
    attached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sr:
    """A storage repository. Sizes in bytes. `can_host_statefile` is None when nobody asked."""

    uuid: str
    ref: str
    name: str
    type: str
    shared: bool
    content_type: str = ""
    size: int | None = volatile()
    used: int | None = volatile()
    vdis: int = field(default=0, metadata=VOLATILE)
    can_host_statefile: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vm:
    """A guest; control domains, templates and snapshots are left out. `host` is a uuid, empty when halted."""

    uuid: str
    ref: str
    name: str
    power_state: str
    host: str = ""
    ha_restart_priority: str = ""
    memory: int = 0
    srs: tuple[str, ...] | None = None
    """uuids of the SRs that hold its plugged disks; None when that was not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An XAPI task. `name` is e.g. `Async.pool.disable_ha`; `error` is the code and its parameters."""

    ref: str
    name: str
    status: str
    created: datetime | None = None
    progress: float = 0.0
    error: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An XAPI message. `priority` 1 is critical, 5 is information; `subject` is the object's uuid."""

    uuid: str
    name: str
    priority: int
    subject: str
    at: datetime | None
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ha:
    """The pool's ha_* properties, with what they refer to resolved. Only `enabled` says that HA is on:
    `timeout_s` and `statefile_srs` are what was last asked for, and stay behind after HA is turned off."""

    enabled: bool
    timeout_s: int | None = None
    default_timeout_s: int | None = None
    """`other_config:default_ha_timeout`, what another tool's re-enable falls back to."""
    statefile_srs: tuple[str, ...] = ()
    """uuids of the SRs that hold the statefile VDIs."""
    failures_to_tolerate: int = 0
    plan_exists_for: int = field(default=0, metadata=VOLATILE)
    overcommitted: bool = field(default=False, metadata=VOLATILE)
    allow_overcommit: bool = False
    cluster_stack: str = ""
    configuration: tuple[tuple[str, str], ...] = ()
    """`ha_configuration` as it was passed to enable_ha, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFacts:
    """One XenServer pool as its master describes it. `master` is a host uuid."""

    uuid: str
    ref: str
    name: str
    master: str
    ha: Ha
    hosts: tuple[Host, ...]
    srs: tuple[Sr, ...] = ()
    pbds: tuple[Pbd, ...] = ()
    vms: tuple[Vm, ...] = field(default=(), metadata=VOLATILE)
    tasks: tuple[Task, ...] = field(default=(), metadata=VOLATILE)
    alerts: tuple[Alert, ...] = field(default=(), metadata=VOLATILE)
    current_operations: tuple[str, ...] = field(default=(), metadata=VOLATILE)
    default_sr: str = ""

    def host(self, uuid: str) -> Host | None:
        return next((h for h in self.hosts if h.uuid == uuid), None)

    def host_named(self, name: str) -> Host | None:
        return next((h for h in self.hosts if h.name == name), None)

    @property
    def master_host(self) -> Host | None:
        return self.host(self.master)

    def sr(self, uuid: str) -> Sr | None:
        return next((s for s in self.srs if s.uuid == uuid), None)

    def vms_on(self, host: str) -> tuple[Vm, ...]:
        """Guests that count as resident: everything not halted, suspended ones with a host included."""
        return tuple(v for v in self.vms if v.host == host and v.power_state != "Halted")

    def vms_by_host(self) -> dict[str, list[Vm]]:
        """The same of every host that has any, for whoever asks for all: guests may be thousands."""
        found: dict[str, list[Vm]] = {}
        for vm in self.vms:
            if vm.power_state != "Halted":
                found.setdefault(vm.host, []).append(vm)
        return found

    def detached(self, host: str) -> tuple[Sr, ...]:
        """SRs whose PBD on that host is not attached."""
        lost = {p.sr for p in self.pbds if p.host == host and not p.attached}
        return tuple(s for s in self.srs if s.uuid in lost)

    def local_srs(self, host: str) -> tuple[Sr, ...]:
        """Unshared SRs that only that host sees: an eject wipes them. ISO and removable media are left out."""
        mine = {p.sr for p in self.pbds if p.host == host}
        return tuple(
            s
            for s in self.srs
            if s.uuid in mine and not s.shared and s.content_type != "iso" and s.type != "udev"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How one address answered by itself. `master` is the address that it names as its master."""

    address: str
    answers: bool
    master: str | None = None
    emergency: bool | None = None
    code: str = ""
    """Error code when it does not answer: `refused`, `timeout`, `tls`, or XAPI's own."""
    says: str = ""
    seconds: float | None = volatile()
    at: datetime | None = field(default=None, metadata=VOLATILE)
    """When it was asked; None: for the look that it came with."""
    since: datetime | None = field(default=None, metadata=VOLATILE)
    """Since when it has been answering so, or not at all; None when it was asked once only."""
    reached: str = ""
    """How far it came where nobody answered: `tcp`, `tls` (connected, but the question stayed open), or not at all."""
    sees_master: bool | None = None
    """Whether a read through this member came back from its master's database; None when it was not tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a captain could not be read. `code` is stable (see pools/clients/errors.py); `says` tells cause and cure."""

    code: str
    params: tuple[str, ...] = ()
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    """What XAPI compares before it lets a host join a pool (xapi_pool.ml, pre_join_checks). Texts as the record has
    them; `traits` are those that must simply be the same, by name."""

    version: str
    cpu_vendor: str = ""
    cpu_features: str = ""
    edition: str = ""
    pooling: bool | None = None
    """Whether the licence has pools."""
    large_pools: bool | None = None
    """Whether the licence has pools of more than three hosts."""
    nics: int = 0
    traits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A host that is to join, as it describes itself; `trouble` says why it could not be read. `members` counts the
    hosts of the pool that it leads, itself included."""

    address: str
    trouble: Trouble | None = None
    uuid: str = ""
    name: str = ""
    enabled: bool = False
    members: int = 1
    ha_enabled: bool = False
    guests: tuple[str, ...] = ()
    """Names of those that run."""
    shared_srs: tuple[str, ...] = ()
    network: tuple[str, ...] = ()
    """What of it no pool takes: `bonds`, `VLANs`, `tunnels`."""
    guidances: tuple[str, ...] = ()
    clock_skew_s: float | None = volatile()
    passport: Passport | None = None
    tasks: tuple[Task, ...] = field(default=(), metadata=VOLATILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One look at a pool through both captains. A captain that could not be read is None, with its trouble."""

    at: datetime
    pool: PoolFacts | None = None
    pool_trouble: Trouble | None = None
    cloudstack: CloudStackFacts | None = None
    cloudstack_trouble: Trouble | None = None
    cloudstack_at: datetime | None = field(default=None, metadata=VOLATILE)
    """When CloudStack said so, where that was not for this look: by a sweep, or before it fell silent."""
    probes: tuple[Probe, ...] = field(default=(), metadata=VOLATILE)
    gaps: tuple[str, ...] = field(default=(), metadata=VOLATILE)
    """What could not be read although the master answers, e.g. `VDI.get_record: MESSAGE_METHOD_UNKNOWN`."""
    newcomers: tuple[Newcomer, ...] = ()
    measure: Passport | None = None
    """The master's own, that newcomers are measured by; read together with them only."""

    @property
    def cloudstack_seen_at(self) -> datetime:
        """How old CloudStack's side is."""
        return self.cloudstack_at or self.at

    def cs_host(self, host: Host) -> CsHost | None:
        return self.cloudstack.host_at(host.address) if self.cloudstack else None

    # Projections: the facts as they would be after something happened. Workflows expect with these.

    def with_pool(self, **changes: Any) -> Facts:
        return replace(self, pool=replace(_known(self.pool), **changes))

    def with_ha(self, **changes: Any) -> Facts:
        return self.with_pool(ha=replace(_known(self.pool).ha, **changes))

    def with_master(self, uuid: str) -> Facts:
        pool = _known(self.pool)
        hosts = tuple(replace(h, is_master=h.uuid == uuid) for h in pool.hosts)
        return self.with_pool(master=uuid, hosts=hosts)

    def with_host(self, uuid: str, **changes: Any) -> Facts:
        pool = _known(self.pool)
        return self.with_pool(hosts=tuple(replace(h, **changes) if h.uuid == uuid else h for h in pool.hosts))

    def without_host(self, uuid: str) -> Facts:
        pool = _known(self.pool)
        return self.with_pool(
            hosts=tuple(h for h in pool.hosts if h.uuid != uuid),
            pbds=tuple(p for p in pool.pbds if p.host != uuid),
        )

    def with_vms_off(self, host: str) -> Facts:
        """No guest left on that host; where they go is not known beforehand."""
        pool = _known(self.pool)
        return self.with_pool(vms=tuple(replace(v, host="") if v.host == host else v for v in pool.vms))

    def with_cloudstack(self, **changes: Any) -> Facts:
        return replace(self, cloudstack=replace(_known(self.cloudstack), **changes))

    def with_cs_host(self, id: str, **changes: Any) -> Facts:
        hosts = _known(self.cloudstack).hosts
        return self.with_cloudstack(hosts=tuple(replace(h, **changes) if h.id == id else h for h in hosts))

    def without_cs_host(self, id: str) -> Facts:
        return self.with_cloudstack(hosts=tuple(h for h in _known(self.cloudstack).hosts if h.id != id))


def _known(captain: T | None) -> T:
    if captain is None:
        raise ValueError("these facts lack a captain: nothing can be projected from them")
    return captain
