"""The timeline: what changed between two looks, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pools.facts import Alert, Facts, Trouble
from pools.timeline import Entry, Source, entries
from tests.pools.world import NOW, SILENT, amber, ha_off, unplugged


def says(before: Facts | None, after: Facts) -> list[str]:
    return [entry.says for entry in entries(before, after)]


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        (amber().with_master("amber-2"), "amber-2 is the master now; before, it was amber-1."),
        (ha_off(), "HA was turned off."),
        (amber().with_ha(timeout_s=60), "HA timeout: 180 s → 60 s."),
        (amber().with_ha(statefile_srs=("iscsi-1",)), "Heartbeat SR: nfs-hb → iscsi-1."),
        (amber().with_ha(failures_to_tolerate=0), "Host failures to tolerate: 1 → 0."),
        (amber().with_host("amber-3", enabled=False), "amber-3 is disabled; it was enabled."),
        (amber().with_host("amber-3", live=False), "amber-3 is dead; it was live."),
        (amber().with_host("amber-3", version="8.3.0"), "amber-3 runs 8.3.0; it ran 8.2.1."),
        (unplugged("amber-3", "iscsi-1"), "Storage iscsi-1 was unplugged on amber-3."),
        (amber().without_host("amber-3"), "amber-3 left the pool."),
        (amber().with_cs_host("cs-3", state="Alert"), "CloudStack shows amber-3 in Alert; it was Up."),
        (
            amber().with_cs_host("cs-3", resourcestate="Maintenance"),
            "amber-3 is Maintenance in CloudStack; it was Enabled.",
        ),
        (amber().without_cs_host("cs-3"), "amber-3 was deleted from CloudStack."),
        (
            amber().with_cloudstack(managedstate="Unmanaged"),
            "Cluster amber is Unmanaged in CloudStack; it was Managed.",
        ),
    ],
)
def test_a_change_is_one_sentence(after: Facts, sentence: str) -> None:
    assert says(amber(), after) == [sentence]


def test_nothing_has_changed_at_the_first_look() -> None:
    assert says(None, ha_off()) == []


def test_what_moves_by_itself_is_no_change() -> None:
    later = replace(amber(), at=NOW + timedelta(seconds=10), probes=())
    assert (
        says(amber(), later.with_pool(vms=(), current_operations=("x",)).with_host("amber-1", memory_free=1))
        == []
    )


def test_a_host_that_came_is_told_by_both_captains() -> None:
    before = amber().without_host("amber-4").without_cs_host("cs-4")
    assert says(before, amber()) == ["amber-4 joined the pool.", "amber-4 was added to CloudStack."]


def test_ha_turned_on_says_with_which_timeout() -> None:
    assert says(ha_off(), amber()) == ["HA was turned on with a timeout of 180 s."]


def test_a_silent_captain_is_told_once_and_nothing_of_it_seems_to_vanish() -> None:
    silent = replace(amber(), pool=None, pool_trouble=SILENT)
    assert says(amber(), silent) == [f"XenServer cannot be read: {SILENT.says}"]
    assert says(silent, silent) == []
    assert says(silent, amber()) == ["XenServer answers again."]


def test_cloudstack_alone_may_be_silent() -> None:
    silent = replace(amber(), cloudstack=None, cloudstack_trouble=Trouble(code="timeout", says="No."))
    assert says(amber(), silent) == ["CloudStack cannot be read: No."]


def test_a_reboot_happened_when_the_host_says() -> None:
    booted = NOW - timedelta(minutes=7)
    after = amber().with_host(
        "amber-3", boot_time=booted.timestamp(), agent_start_time=booted.timestamp() + 70
    )
    (entry,) = entries(amber(), after)
    assert (entry.says, entry.happened_at) == ("amber-3 booted.", booted)


def test_a_restart_of_the_toolstack_is_no_reboot() -> None:
    after = amber().with_host("amber-3", agent_start_time=NOW.timestamp())
    assert says(amber(), after) == ["The toolstack of amber-3 restarted."]


def test_alerts_that_matter_are_told_with_their_own_time() -> None:
    at = datetime(2026, 11, 22, 2, 58, tzinfo=UTC)
    alerts = (
        Alert(uuid="1", name="HA_HOST_WAS_FENCED", priority=4, subject="amber-3", at=at),
        Alert(uuid="2", name="VM_STARTED", priority=5, subject="vm-1", at=at),
    )
    assert list(entries(amber(), amber().with_pool(alerts=alerts))) == [
        Entry(
            source=Source.XENSERVER,
            kind="alert",
            subject="amber-3",
            subject_uuid="amber-3",
            says="XenServer's alert HA_HOST_WAS_FENCED about amber-3.",
            after="HA_HOST_WAS_FENCED",
            happened_at=at,
        )
    ]
