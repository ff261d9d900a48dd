"""host-storage-detached: a PBD of a live host is not attached."""

from __future__ import annotations

from tests.pools.rules.judging import WARNING, fires_on, silent_on, the
from tests.pools.world import amber, judged, master_silent, unplugged

CODE = "host-storage-detached"

test_it_fires_on = fires_on(
    CODE,
    {
        "one": (WARNING, "amber-3", judged(unplugged("amber-3", "iscsi-1"))),
        "one of a host in maintenance": (
            WARNING,
            "amber-3",
            judged(unplugged("amber-3", "iscsi-1").with_cs_host("cs-3", resourcestate="Maintenance")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "storage of a dead host": judged(unplugged("amber-3", "iscsi-1").with_host("amber-3", live=False)),
        "a PBD of an SR that could not be read": judged(unplugged("amber-3", "iscsi-1").with_pool(srs=())),
        "PBDs that could not be read": judged(amber().with_pool(pbds=())),
        "a silent master": judged(master_silent(), known=unplugged("amber-3", "iscsi-1")),
    },
)


def test_enabling_is_for_hosts_that_are_disabled() -> None:
    cut = unplugged("amber-3", "iscsi-1")
    assert the(judged(cut.with_host("amber-3", enabled=False)), CODE).remedy == "reenable-host"
    assert "xe pbd-plug" in the(judged(cut), CODE).remedy
