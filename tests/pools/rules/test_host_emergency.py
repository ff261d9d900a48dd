"""host-emergency: a toolstack without a master."""

from __future__ import annotations

from dataclasses import replace

from pools.facts import Probe
from tests.pools.rules.judging import CRITICAL, fires_on, silent_on, the
from tests.pools.world import amber, ha_off, judged, master_silent, with_probe

CODE = "host-emergency"

lost = {"emergency": True, "master": None}
test_it_fires_on = fires_on(
    CODE,
    {
        "a member in emergency mode": (
            CRITICAL,
            "amber-3",
            judged(with_probe(amber(), "127.10.1.3", **lost)),
        ),
        "one in a pool without a master": (
            CRITICAL,
            "amber-3",
            judged(with_probe(master_silent(), "127.10.1.3", **lost)),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "one that did not tell": judged(with_probe(amber(), "127.10.1.3", emergency=None, master=None)),
        "one that denies it": judged(with_probe(amber(), "127.10.1.3", emergency=False)),
        "an address that is no member's": judged(
            replace(amber(), probes=(Probe(address="127.10.9.9", answers=True, emergency=True),))
        ),
    },
)


def test_without_ha_a_master_is_to_be_elected() -> None:
    silent = with_probe(master_silent(), "127.10.1.3", **lost)
    assert the(judged(silent, known=ha_off()), CODE).remedy == "elect-master"
    assert the(judged(silent), CODE).remedy == "break-fence-loop"


def test_with_a_master_and_without_ha_it_only_has_to_follow_again() -> None:
    """To break a fence loop would be refused there: without HA nobody fences itself."""
    facts = with_probe(ha_off(), "127.10.1.3", **lost, says="Host is still booting.")
    finding = the(judged(facts), CODE)
    assert "`xe pool-recover-slaves`" in finding.remedy
    assert finding.says == "amber-3 is in emergency mode: Host is still booting."
