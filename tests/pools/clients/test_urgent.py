"""Emergency calls go to one host by itself, on a local session; nothing else may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.testing import RunningLab, running_lab
from pools.actuator import Member
from pools.clients.errors import Refused
from pools.clients.trust import Trust
from pools.clients.wire import Deadline
from pools.clients.xapi import Endpoint, Xapi
from pools.secret import Secret


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    with running_lab("healthy", speed=1000, plain=True) as lab:
        yield lab


def way(lab: RunningLab, host: str) -> Endpoint:
    return Endpoint(
        (lab.address(host),), lab.port, lab.user, Secret(lab.password), Trust(frozenset(), "", True)
    )


def test_a_normal_call_has_no_place_on_a_local_session(lab: RunningLab) -> None:
    xapi = Xapi(way(lab, "amber-2"), lab.address("amber-2"), Deadline(), 5.0)
    with pytest.raises(ValueError, match="no emergency call"):
        xapi.urgent("VM.start")
    assert lab.calls() == []


def test_a_member_is_disarmed_by_itself_and_a_second_time_says_so(lab: RunningLab) -> None:
    member = Member(way(lab, "amber-2"), lab.address("amber-2"))
    member.call("host.emergency_ha_disable")
    assert not lab.do(lambda world: world.host("amber-2").ha_armed)
    with pytest.raises(Refused) as no:
        member.call("host.emergency_ha_disable")
    assert no.value.code == "HA_NOT_ENABLED"


def test_an_armed_member_does_not_become_master(lab: RunningLab) -> None:
    assert lab.do(lambda world: world.host("amber-3").ha_armed)
    with pytest.raises(Refused) as no:
        Member(way(lab, "amber-3"), lab.address("amber-3")).call("pool.emergency_transition_to_master")
    assert no.value.code == "HA_IS_ENABLED"
