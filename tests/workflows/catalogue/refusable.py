"""What each call of the catalogue can be refused with: the rows of lab/refusals.md, and what the lab never gives.

Every call has those that any call can meet, those of its kind, and its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).resolve().parents[3] / "lab" / "refusals.md"
CELLS = re.compile(r"(?<!\\)\|")
WORDED = re.compile(r"`(?P<code>[A-Z0-9_]+)(?:\[(?P<params>[^\]]*)\])?`")
CALL = re.compile(r"command=(?P<command>\w+)|(?P<call>(?:Async\.)?(?:pool|host|PBD|VM)\.\w+)\(")

POOL_OPERATIONS = ("pool.enable_ha", "pool.disable_ha", "pool.designate_new_master", "pool.eject")
FORWARDED = ("host.disable", "host.enable", "host.evacuate", "host.reboot", "pool.eject", "PBD.plug")
KINDS = {
    "any of a pool's operations": POOL_OPERATIONS,
    "any forwarded to a host": FORWARDED,
    "any add_to_": ("pool.add_to_other_config",),
    "any job": ("prepareHostForMaintenance", "cancelHostMaintenance", "migrateVirtualMachine"),
}
EMERGENCY = (
    "host.emergency_ha_disable",
    "pool.emergency_transition_to_master",
    "pool.emergency_reset_master",
)
"""On a local session: no role is asked for, and no master."""

ANY_BESIDES = ("RBAC_PERMISSION_DENIED", "PERMISSION_DENIED", "TOO_MANY_PENDING_TASKS")
BESIDES: dict[str, tuple[str, ...]] = {
    "pool.enable_ha": (
        *("HA_HOST_CANNOT_SEE_PEERS", "HA_HEARTBEAT_DAEMON_STARTUP_FAILED", "HA_NOT_INSTALLED"),
        *(
            "INCOMPATIBLE_STATEFILE_SR",
            "SR_NO_PBDS",
            "SR_OPERATION_NOT_SUPPORTED",
            "SR_SOURCE_SPACE_INSUFFICIENT",
        ),
        *(
            "SR_FULL",
            "SR_BACKEND_FAILURE_46",
            "LICENSE_DOES_NOT_SUPPORT_XHA",
            "HA_TOO_FEW_HOSTS",
            "TASK_CANCELLED",
        ),
        *("HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", "HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED"),
    ),
    "pool.disable_ha": ("CANNOT_CONTACT_HOST", "HOST_OFFLINE", "HA_LOST_STATEFILE", "TASK_CANCELLED"),
    "pool.designate_new_master": (
        *("HOST_BROKEN", "HOST_MASTER_CANNOT_TALK_BACK", "CANNOT_CONTACT_HOST", "HOST_ITS_OWN_SLAVE"),
        *("NOT_SUPPORTED_DURING_UPGRADE", "HOST_DISABLED", "TASK_CANCELLED"),
    ),
    "pool.eject": (
        *("HOST_HAS_RESIDENT_VMS", "VDI_IN_USE", "HOST_OFFLINE", "CLUSTERING_ENABLED", "HOST_IN_USE"),
        "TASK_CANCELLED",
    ),
    "pool.join": (
        *("JOINING_HOST_SERVICE_FAILED", "HOST_MASTER_CANNOT_TALK_BACK", "CANNOT_CONTACT_HOST"),
        *("JOINING_HOST_CANNOT_HAVE_RUNNING_OR_SUSPENDED_VMS", "LICENSE_DOES_NOT_SUPPORT_POOLING"),
        *("POOL_JOINING_HOST_MUST_HAVE_SAME_PRODUCT_VERSION", "POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT"),
        *("POOL_JOINING_HOST_MUST_HAVE_PHYSICAL_MANAGEMENT_NIC", "HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR"),
        *("POOL_JOINING_HOST_MUST_ONLY_HAVE_PHYSICAL_PIFS", "TASK_CANCELLED"),
    ),
    "pool.recover_slaves": ("INTERNAL_ERROR", "CANNOT_CONTACT_HOST"),
    "pool.emergency_transition_to_master": ("HOST_BROKEN", "INTERNAL_ERROR"),
    "pool.emergency_reset_master": ("HOST_BROKEN", "CANNOT_CONTACT_HOST"),
    "host.emergency_ha_disable": ("HA_LOST_STATEFILE", "INTERNAL_ERROR"),
    "host.declare_dead": ("CANNOT_CONTACT_HOST", "INTERNAL_ERROR"),
    "host.destroy": ("HOST_CANNOT_DESTROY_SELF", "HOST_IN_USE", "CLUSTERING_ENABLED"),
    "host.disable": ("HOST_IN_USE", "HOST_NOT_LIVE", "TASK_CANCELLED"),
    "host.enable": (
        *("HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED", "HOST_NOT_LIVE", "HOST_DISABLED_INDEFINITELY"),
        "HOST_EVACUATE_IN_PROGRESS",
    ),
    "host.evacuate": (
        *(
            "CANNOT_EVACUATE_HOST",
            "VM_REQUIRES_SR",
            "VM_REQUIRES_NETWORK",
            "VM_HAS_PCI_ATTACHED",
            "VM_HAS_VGPU",
        ),
        *("VM_HAS_SRIOV_VIF", "VM_HAS_VUSBS", "VM_IS_IMMOBILE", "VM_LACKS_FEATURE", "VM_MISSING_PV_DRIVERS"),
        *(
            "VM_INCOMPATIBLE_WITH_THIS_HOST",
            "VM_MIGRATE_FAILED",
            "HOST_EVACUATE_IN_PROGRESS",
            "TASK_CANCELLED",
        ),
    ),
    "host.reboot": ("CLUSTERED_SR_DEGRADED", "HOST_HAS_RESIDENT_VMS", "XAPI_HOOK_FAILED"),
    "PBD.plug": ("SR_BACKEND_FAILURE_111", "HOST_STILL_BOOTING", "SR_NOT_SHARABLE", "TASK_CANCELLED"),
    "VM.pool_migrate": (
        *("VM_REQUIRES_NETWORK", "VM_INCOMPATIBLE_WITH_THIS_HOST", "VM_LACKS_FEATURE", "VM_IS_IMMOBILE"),
        *("VM_REQUIRES_GPU", "VM_HOST_INCOMPATIBLE_VERSION", "OPERATION_BLOCKED", "TASK_CANCELLED"),
    ),
    "VM.set_ha_restart_priority": ("HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN", "OPERATION_BLOCKED"),
}
"""Of XAPI's source (api_errors.ml and where they are raised), what the lab's physics never comes to."""


@dataclass(frozen=True)
class No:
    """One refusal. `in_task`: it comes as the end of the task or job, after the call was answered."""

    code: str
    params: tuple[str, ...] = ()
    in_task: bool = False

    @property
    def what(self) -> str:
        """As the lab's faults take it."""
        return ",".join((self.code, *self.params))


def called(request: str) -> str:
    """The call's name in a line of a plan, `Async.` and all; empty where it has none."""
    found = CALL.search(request)
    return (found["command"] or found["call"]) if found else ""


def refusals_of(call: str) -> list[No]:
    """All of a call, each code with its parameters once; those of any call are answered at once."""
    plain = call.removeprefix("Async.")
    in_task = call != plain or plain in KINDS["any job"]
    found: dict[tuple[str, tuple[str, ...]], No] = {}
    for where, code, params in _rows(xapi="." in plain):
        at_once = where == "any" or where == "any job"
        if where == "any" and plain in EMERGENCY and code in ("HOST_IS_SLAVE", "HOST_STILL_BOOTING"):
            continue
        if where in ("any", plain) or plain in KINDS.get(where, ()):
            found.setdefault((code, params), No(code, params, in_task and not at_once))
    for code in BESIDES.get(plain, ()):
        found.setdefault((code, ("…",)), No(code, ("…",), in_task))
    for code in ANY_BESIDES if "." in plain and plain not in EMERGENCY else ():
        found.setdefault((code, ("…",)), No(code, ("…",)))
    return list(found.values())


@cache
def _rows(*, xapi: bool) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return tuple(_xapi_rows() if xapi else _cloudstack_rows())


def _xapi_rows() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for calls, refusal in (cells[:2] for cells in _table() if len(cells) == 4):
        worded = WORDED.match(refusal)
        if worded is None:
            continue
        params = tuple(p.strip() for p in (worded["params"] or "").split(",") if p.strip())
        yield from ((call, worded["code"], params) for call in _each(calls))


def _cloudstack_rows() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for command, code, text in (cells[:3] for cells in _table() if len(cells) == 5):
        if code.isdigit():
            yield command, code, (text.strip("`"),)


def _table() -> Iterator[list[str]]:
    for line in TABLE.read_text().splitlines():
        if line.startswith("| "):
            yield [cell.strip().replace("\\|", "|") for cell in CELLS.split(line)[1:-1]]


def _each(calls: str) -> Iterator[str]:
    """`host.reboot, host.shutdown` and `pool_patch.apply, precheck` as the calls that they are."""
    kind = ""
    for call in calls.split("; ") if calls not in KINDS else [calls]:
        for one in call.split(", "):
            kind = one.rpartition(".")[0] or kind
            yield one if "." in one or one.startswith("any") else f"{kind}.{one}"
