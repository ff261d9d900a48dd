"""ha-no-shared-sr: no SR could hold a statefile."""

from __future__ import annotations

from dataclasses import replace

from pools.rules.case import Case
from tests.pools.rules.judging import WARNING, fires_on, silent_on
from tests.pools.world import amber, judged, master_silent, unplugged

CODE = "ha-no-shared-sr"


def of_type(kind: str, **changes: object) -> Case:
    pool = amber().pool
    assert pool
    srs = tuple(replace(sr, type=kind, **changes) for sr in pool.srs)  # type: ignore[arg-type]
    return judged(amber().with_pool(srs=srs))


def without_pbds_on(host: str) -> Case:
    pool = amber().pool
    assert pool
    return judged(amber().with_pool(pbds=tuple(p for p in pool.pbds if p.host != host)))


test_it_fires_on = fires_on(
    CODE,
    {
        "disks in the hosts only": (WARNING, "amber", of_type("ext", shared=False)),
        "a library of images": (WARNING, "amber", of_type("nfs", content_type="iso")),
        "SRs of which XenServer says no": (WARNING, "amber", of_type("nfs", can_host_statefile=False)),
        "a host that none of them reaches": (WARNING, "amber", without_pbds_on("amber-4")),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "NFS": of_type("nfs"),
        "HBA": of_type("lvmohba"),
        "another type, of which XenServer says yes": of_type("zfs", can_host_statefile=True),
        "a cable that is pulled, which is another trouble": judged(unplugged("amber-3", "nfs-hb")),
        "SRs that could not be read": judged(amber().with_pool(srs=())),
        "PBDs that could not be read": judged(amber().with_pool(pbds=())),
        "a silent master": judged(master_silent()),
    },
)
