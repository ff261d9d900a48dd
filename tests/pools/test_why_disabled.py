"""Why a host is disabled, or in Alert: each cause brought about in the lab, looked at over the wire by the watcher, and
told with its proof and without the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab.testing import RunningLab, running_lab
from lab.world import Host, World
from pools import watching
from pools.models import Finding
from tests.pools.lab import cloudstack_of, pool_of

pytestmark = pytest.mark.django_db

WORDS = {
    "storage": "with HA on, that keeps a host disabled",
    "unplugged": "with HA off, that alone keeps none disabled",
    "guidance": "guidance is pending: reboot_host",
    "maintenance key": "XenCenter's maintenance mode is set",
    "evacuation": "it is being evacuated",
    "arming": "HA is being turned on",
    "start": "may not be ready yet",
    "master's start": "which disables every host until it reports",
    "fence": "it fenced itself at",
    "emergency": "it is in emergency mode",
    "nothing": "no reason is found",
}
PROOF = {
    "storage": "iscsi-1 attached on",
    "unplugged": "iscsi-1 attached on",
    "guidance": "pending_guidances",
    "maintenance key": "other_config:MAINTENANCE_MODE",
    "evacuation": "current_operations",
    "arming": "current_operations of the pool",
    "start": "agent_start_time",
    "master's start": "agent_start_time of amber-1",
    "fence": "HA_HOST_WAS_FENCED",
    "emergency": "emergency mode of 127.",
    "nothing": "looked for a reason in",
}


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    """Hosts in Alert, each for a reason of its own, an hour after it happened."""
    with running_lab("alert", speed=1.0) as running:
        yield running


STARTS = {"start": 240, "master's start": 60, "fence": 1200}
"""Seconds ago."""


def _fenced(world: World, host: Host, *, so: bool) -> None:
    """As HA tells it after the boot, or as if it had never been."""
    if so:
        world.alert(host.pool, "HA_HOST_WAS_FENCED", 4, "Host", host.uuid)
    else:
        del host.pool.messages[-1]


@contextmanager
def made_so(lab: RunningLab, host: str, what: str) -> Iterator[None]:
    """Disabled for that reason, until the end of the block."""

    def make(world: World, *, so: bool) -> None:
        one = world.host(host)
        one.enabled = not so
        if what == "unplugged":
            next(pbd for pbd in one.pbds if pbd.sr.name == "iscsi-1").attached = not so
        elif what == "evacuation":
            one.current_operations = {"OpaqueRef:1": "evacuate"} if so else {}
        elif what == "arming":
            one.pool.current_operations = {"OpaqueRef:1": "ha_enable"} if so else {}
        elif what in STARTS:
            starts = one.pool.hosts[0] if what == "master's start" else one
            then[:] = then or [starts.agent_start_time]
            starts.agent_start_time = world.now() - STARTS[what] if so else then[0]
        if what == "fence":
            _fenced(world, one, so=so)
        if what == "emergency":
            one.emergency = ["HOST_BROKEN"] if so else None
        world.announce("enabled", one)

    then: list[float] = []
    lab.do(lambda world: make(world, so=True))
    yield
    lab.do(lambda world: make(world, so=False))


def found(lab: RunningLab, host: str, code: str) -> Finding | None:
    """What a look at the host's pool finds of it."""
    name = host.partition("-")[0]
    pool = pool_of(lab, name, cloudstack=cloudstack_of(lab))
    assert watching.watch(pool.pk)
    return Finding.objects.open().filter(pool=pool, code=code, subject_name=host).first()


def causes(finding: Finding) -> set[str]:
    """The causes that it names, each of which must be proven."""
    named = {cause for cause, words in WORDS.items() if words in finding.says}
    shown = " ".join(str(each["what"]) for each in finding.evidence)
    assert {cause for cause in named if PROOF[cause] not in shown} == set(), shown
    return named


@pytest.mark.parametrize("code", ["host-disabled", "cloudstack-alert"])
@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("amber-2", {"storage", "fence"}),
        ("amber-3", {"nothing"}),
        ("basalt-2", {"maintenance key"}),
        ("cobalt-2", {"guidance"}),
    ],
    ids=lambda value: value if isinstance(value, str) else " and ".join(sorted(value)),
)
def test_what_happened_an_hour_ago_is_told(lab: RunningLab, host: str, told: set[str], code: str) -> None:
    finding = found(lab, host, code)
    assert finding is not None
    assert causes(finding) == told, finding.says


def test_a_host_whose_toolstack_stopped_is_not_called_disabled(lab: RunningLab) -> None:
    assert found(lab, "basalt-3", "host-disabled") is None


@pytest.mark.parametrize(
    ("host", "cause"),
    [
        ("basalt-4", "unplugged"),
        ("basalt-4", "evacuation"),
        ("basalt-4", "arming"),
        ("amber-4", "start"),
        ("amber-4", "master's start"),
        ("amber-4", "fence"),
        ("amber-4", "emergency"),
        ("amber-4", "nothing"),
    ],
)
def test_what_is_so_now_is_told(lab: RunningLab, host: str, cause: str) -> None:
    with made_so(lab, host, cause):
        finding = found(lab, host, "host-disabled")
    assert finding is not None
    assert causes(finding) == {cause}, finding.says


def test_auto_enable_is_not_said_to_be_looked_at_since_no_record_tells_it(lab: RunningLab) -> None:
    lab.do(lambda world: setattr(world.host("cobalt-3"), "auto_enable", False))
    with made_so(lab, "cobalt-3", "nothing"):
        finding = found(lab, "cobalt-3", "host-disabled")
    lab.do(lambda world: setattr(world.host("cobalt-3"), "auto_enable", True))
    assert finding is not None
    assert causes(finding) == {"nothing"}, finding.says
    assert "auto_enable" not in str(finding.evidence)


def test_a_host_that_is_enabled_needs_no_reason(lab: RunningLab) -> None:
    """Guidance, a key and a detached storage disable nobody by themselves."""

    def burden(world: World) -> None:
        host = world.host("cobalt-3")
        host.pending_guidances, host.other_config["MAINTENANCE_MODE"] = ["reboot_host"], "true"

    def relieve(world: World) -> None:
        host = world.host("cobalt-3")
        host.pending_guidances = []
        del host.other_config["MAINTENANCE_MODE"]

    lab.do(burden)
    assert found(lab, "cobalt-3", "host-disabled") is None
    lab.do(relieve)
