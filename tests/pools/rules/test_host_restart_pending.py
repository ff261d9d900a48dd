"""host-restart-pending: what was installed is not in force yet."""

from __future__ import annotations

from pools.rules.case import Case
from tests.pools.rules.judging import INFO, fires_on, silent_on
from tests.pools.world import amber, judged, master_silent

CODE = "host-restart-pending"


def guided(*guidances: str) -> Case:
    return judged(amber().with_host("amber-3", pending_guidances=guidances))


test_it_fires_on = fires_on(
    CODE,
    {
        "a reboot": (INFO, "amber-3", guided("reboot_host")),
        "a reboot for a live patch that failed": (
            INFO,
            "amber-3",
            guided("reboot_host_on_livepatch_failure"),
        ),
        "a toolstack restart": (INFO, "amber-3", guided("restart_toolstack")),
        "an update of 7.1 to 8.2 that waits": (
            INFO,
            "amber-3",
            judged(amber().with_host("amber-3", reboot_due=True)),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "guidance for guests": guided("restart_vm", "restart_device_model"),
        "no guidance": guided(),
        "a silent master": judged(master_silent(), known=amber().with_host("amber-3", reboot_due=True)),
    },
)
