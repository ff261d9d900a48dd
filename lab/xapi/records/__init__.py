"""The classes of the datamodel that the lab serves: how a thing of the world looks as a record.

A kind says only what has a meaning in the lab; the other fields, types and defaults come from ``fields.txt``, in the
dialect of the pool's release.
"""

from __future__ import annotations

from lab.xapi.records.devices import VBD, VIF
from lab.xapi.records.kind import Kind, View
from lab.xapi.records.networking import BOND, NETWORK, PIF_KIND, PIF_METRICS
from lab.xapi.records.small import MESSAGE, SESSION
from lab.xapi.records.storage import PBD_KIND, SM_KIND, SR_KIND, VDI_KIND
from lab.xapi.records.the_host import CERTIFICATE, HOST, HOST_METRICS
from lab.xapi.records.the_pool import POOL
from lab.xapi.records.the_task import TASK
from lab.xapi.records.the_vm import VM_GUEST_METRICS, VM_KIND, VM_METRICS
from lab.xapi.records.updates import HOST_PATCH, PATCH, UPDATE

__all__ = ["KINDS", "Kind", "View"]

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *(POOL, HOST, HOST_METRICS, CERTIFICATE),
        *(VM_KIND, VM_METRICS, VM_GUEST_METRICS, VBD, VIF),
        *(SR_KIND, PBD_KIND, VDI_KIND, SM_KIND),
        *(NETWORK, PIF_KIND, PIF_METRICS, BOND),
        *(PATCH, HOST_PATCH, UPDATE),
        *(TASK, MESSAGE, SESSION),
    )
}
