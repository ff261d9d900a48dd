"""ha-off-unwanted: the policy wants HA on, and it is off."""

from __future__ import annotations

from datetime import timedelta

from pools.rules.case import Debt, Obligations
from tests.pools.rules.judging import CRITICAL, fires_on, silent_on, text_of, the
from tests.pools.rules.trouble import owing
from tests.pools.world import NOW, amber, ha_off, judged, master_silent, policy

CODE = "ha-off-unwanted"

test_it_fires_on = fires_on(
    CODE,
    {
        "HA off": (CRITICAL, "amber", judged(ha_off())),
        "HA off, whoever recovers the master": (
            CRITICAL,
            "amber",
            judged(ha_off(), policy=policy(recovery="operators")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a policy without HA": judged(ha_off(), policy=policy(wants_ha=False)),
        "HA on": judged(amber()),
        "a silent master": judged(master_silent(), known=ha_off()),
    },
)


def test_it_names_the_run_that_owes_it() -> None:
    debt = Debt(kind="ha", says="Turn HA on again", run=7, since=NOW - timedelta(hours=1), moving=False)
    off = the(judged(ha_off(), obligations=Obligations(debts=(debt,))), CODE)
    assert "since 2026-11-22 02:00:00 UTC" in off.says and "run 7" in off.says
    assert off.remedy == "settle-debts"


def test_another_debt_is_no_reason() -> None:
    off = the(judged(ha_off(), obligations=owing("maintenance")), CODE)
    assert "run 7" not in off.says and off.remedy == "enable-ha"


def test_it_says_since_when() -> None:
    off = the(judged(ha_off(), ha_off_since=NOW - timedelta(minutes=5)), CODE)
    assert "since 2026-11-22 02:55:00 UTC" in off.says


def test_while_it_is_being_turned_on_nobody_is_to_turn_it_on_once_more() -> None:
    arming = judged(ha_off().with_pool(current_operations=("ha_enable",)), obligations=owing("ha"))
    off = the(arming, CODE)
    assert off.says.endswith("It is being turned on now.") and off.remedy.startswith("Wait: ")
    assert ("current_operations of the pool", "ha_enable", "XenServer") in text_of(off)
