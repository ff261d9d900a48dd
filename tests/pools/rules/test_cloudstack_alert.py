"""cloudstack-alert: Alert, beside what XenServer says of the same host."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pools.facts import Facts
from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, fires_on, silent_on, text_of, the
from tests.pools.rules.trouble import cloudstack, no_cloudstack
from tests.pools.world import amber, crashed, judged, master_silent, with_probe

CODE = "cloudstack-alert"


def in_alert(facts: Facts) -> Case:
    return judged(facts.with_cs_host("cs-2", state="Alert"))


test_it_fires_on = fires_on(
    CODE,
    {
        "a host that is well": (CRITICAL, "amber-2", in_alert(amber())),
        "a host in maintenance": (
            CRITICAL,
            "amber-2",
            in_alert(amber().with_cs_host("cs-2", resourcestate="Maintenance")),
        ),
        "a silent master": (CRITICAL, "amber-2", in_alert(master_silent())),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "Up": judged(amber()),
        "Down, which is another trouble": judged(amber().with_cs_host("cs-2", state="Down")),
        "a silent CloudStack": judged(no_cloudstack()),
        "a pool without CloudStack": judged(replace(amber(), cloudstack=None), known=None),
    },
)


def test_it_stands_beside_what_xenserver_says_and_why() -> None:
    alert = the(judged(crashed()), CODE)
    assert alert.says == (
        "CloudStack shows amber-2 in Alert. XenServer says it is live, but disabled: "
        "storage iscsi-1 is unplugged (with HA on, that keeps a host disabled)."
    )
    assert alert.remedy == "reenable-host"
    assert text_of(alert) == [
        ("state", "Alert", "CloudStack"),
        ("resourcestate", "Enabled", "CloudStack"),
        ("live", "true", "XenServer"),
        ("enabled", "false", "XenServer"),
        ("iscsi-1 attached on amber-2", "false", "XenServer"),
    ]


@pytest.mark.parametrize(
    ("facts", "says", "remedy"),
    [
        (amber(), "XenServer says it is live and enabled.", "Wait about 4 min"),
        (amber().with_host("amber-2", live=False), "XenServer says it is dead.", "Bring the host back"),
        (
            with_probe(amber(), "127.10.1.2", answers=False, code="no-route"),
            "XenServer says it is live, but its own address does not answer.",
            "Bring the host back",
        ),
        (
            amber().without_host("amber-2"),
            "XenServer does not have it in the pool.",
            "Remove it from CloudStack",
        ),
        (
            master_silent(),
            "XenServer does not answer, so nothing is known from its side.",
            "Bring the master back first.",
        ),
        (
            amber().with_host("amber-1", enabled=False),
            "The master amber-1 is disabled: until it is enabled",
            "Enable the master amber-1 first",
        ),
        (
            cloudstack(managedstate="Unmanaged"),
            "CloudStack does not manage the cluster now",
            "Set the cluster to Managed",
        ),
    ],
    ids=["well", "dead", "silent", "gone", "master away", "master disabled", "unmanaged"],
)
def test_each_cause_has_its_next_step(facts: Facts, says: str, remedy: str) -> None:
    alert = the(in_alert(facts), CODE)
    assert says in alert.says
    assert alert.remedy.startswith(remedy)


def test_a_disabled_host_comes_before_its_disabled_master() -> None:
    both = amber().with_host("amber-1", enabled=False).with_host("amber-2", enabled=False)
    assert the(in_alert(both), CODE).remedy == "reenable-host"
