"""The classes of the datamodel that the lab serves: how a thing of the world looks as a record.

Fields, types and defaults are those of the published datamodel in the dialect of 8.2.
"""

from __future__ import annotations

from lab.xapi.records.kind import Kind
from lab.xapi.records.small import HOST_METRICS, MESSAGE, NETWORK, PIF_KIND, SM_KIND
from lab.xapi.records.storage import PBD_KIND, SR_KIND, VDI_KIND
from lab.xapi.records.the_host import HOST
from lab.xapi.records.the_pool import POOL
from lab.xapi.records.the_task import TASK
from lab.xapi.records.the_vm import VM_KIND

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        POOL,
        HOST,
        HOST_METRICS,
        VM_KIND,
        SR_KIND,
        PBD_KIND,
        VDI_KIND,
        TASK,
        MESSAGE,
        SM_KIND,
        NETWORK,
        PIF_KIND,
    )
}
