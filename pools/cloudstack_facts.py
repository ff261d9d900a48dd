"""What CloudStack says of one cluster: the half of `pools.facts` that is its. Frozen, comparable, free of I/O; `None`
means "not known". Field names follow the CloudStack API.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pools.volatile import VOLATILE, volatile


@dataclass(frozen=True, slots=True, kw_only=True)
class CsHost:
    """One routing host as CloudStack describes it. `state` is its Status, `resourcestate` what an admin wants."""

    id: str
    name: str
    address: str
    state: str
    resourcestate: str
    cluster: str = ""
    """id of its cluster."""
    power: str = volatile("")
    """What out-of-band management last said: `On`, `Off`, or empty where CloudStack has none for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsVm:
    """A guest, router or system VM as CloudStack places it. `instance` is the VM's name-label on XenServer."""

    id: str
    instance: str
    state: str
    host: str = ""
    """id of the CloudStack host."""
    addresses: tuple[str, ...] = ()
    """IP addresses of its NICs, where the list told them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsJob:
    """A pending CloudStack job: `command` is the Java class, `instance` the id of the object it is about."""

    id: str
    command: str
    status: int
    instance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsEvent:
    """Something that somebody did to a host or a cluster, as CloudStack's event log names it: `type` is e.g.
    `MAINT.PREPARE`, `subject` the id of the host or the cluster, `user` who did it."""

    id: str
    type: str
    subject: str
    user: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CsPod:
    """A pod, with its zone: where a cluster may be made."""

    id: str
    name: str
    zone_id: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudStackFacts:
    """One CloudStack cluster and its hosts. `version` is the management server's."""

    version: str
    cluster: str
    """id of the cluster; empty when no cluster of the given name exists."""
    cluster_name: str
    managedstate: str = "Managed"
    allocationstate: str = "Enabled"
    zone: str = ""
    zone_id: str = ""
    pod_id: str = ""
    hosts: tuple[CsHost, ...] = ()
    vms: tuple[CsVm, ...] = field(default=(), metadata=VOLATILE)
    jobs: tuple[CsJob, ...] = field(default=(), metadata=VOLATILE)
    pods: tuple[CsPod, ...] = ()
    """Told only when there is no cluster of that name."""
    events: tuple[CsEvent, ...] = field(default=(), metadata=VOLATILE)
    """The latest that tell who changed something here; only a sweep asks for them."""
    settings: tuple[tuple[str, str], ...] = field(default=(), metadata=VOLATILE)
    """CloudStack's own settings of its clocks, sorted; empty when nobody asked or our keys may not read them."""

    def host_at(self, address: str) -> CsHost | None:
        """CloudStack's host for a XenServer host: no API gives the pool's uuid, so the address is the link."""
        return next((h for h in self.hosts if h.address == address), None)

    def host(self, id: str) -> CsHost | None:
        return next((h for h in self.hosts if h.id == id), None)
