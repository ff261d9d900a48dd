"""no-master-recovery: HA is off, and CloudStack elects nobody."""

from __future__ import annotations

from dataclasses import replace

from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, fires_on, silent_on, the
from tests.pools.world import NOW, SILENT, amber, ha_off, judged, master_silent, policy

CODE = "no-master-recovery"

test_it_fires_on = fires_on(
    CODE,
    {
        "HA off under CloudStack 4.20": (CRITICAL, "amber", judged(ha_off())),
        "the first release that elects no more": (
            CRITICAL,
            "amber",
            judged(ha_off().with_cloudstack(version="4.3.2")),
        ),
        "a CloudStack that is silent, and was 4.20": (
            CRITICAL,
            "amber",
            judged(replace(ha_off(), cloudstack=None, cloudstack_trouble=SILENT), known=amber()),
        ),
        "a pool without CloudStack": (
            CRITICAL,
            "amber",
            judged(replace(ha_off(), cloudstack=None), known=None),
        ),
        "a dead master": (CRITICAL, "amber", judged(master_silent(), known=ha_off())),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "CloudStack 4.3.1, which elects by itself": judged(ha_off().with_cloudstack(version="4.3.1")),
        "operators who recover the master": judged(ha_off(), policy=policy(recovery="operators")),
        "a CloudStack whose version nobody knows": judged(
            replace(ha_off(), cloudstack=None, cloudstack_trouble=SILENT)
        ),
        "a version that is no number": judged(ha_off().with_cloudstack(version="unknown")),
        "HA on": judged(amber()),
        "a pool that was never read": Case(pool="amber", facts=master_silent(), now=NOW),
    },
)


def test_while_the_master_is_away_electing_comes_before_ha() -> None:
    assert the(judged(master_silent(), known=ha_off()), CODE).remedy.startswith("Elect a new master first")
    assert the(judged(ha_off()), CODE).remedy == "enable-ha"


def test_while_ha_is_being_turned_on_the_advice_is_to_wait() -> None:
    arming = ha_off().with_pool(current_operations=("ha_enable",))
    assert the(judged(arming), CODE).remedy.startswith("Wait: ")
    assert the(judged(master_silent(), known=arming), CODE).remedy.startswith("Elect a new master first")
