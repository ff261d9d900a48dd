"""Whoever may stop a call is asked at each write: a call that is stopped is acted on by nobody, be it half sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from lab.testing import RunningLab
from pools.clients.cloudstack import open_cloudstack
from pools.clients.errors import Withheld
from pools.clients.master import open_session
from pools.clients.wire import gated
from tests.pools.reach import to_cloudstack, to_pool


def no_write_after(number: int) -> Callable[[], None]:
    """Allows so many writes."""
    left: Iterator[int] = iter(range(number))

    def may_send() -> None:
        if next(left, None) is None:
            raise Withheld

    return may_send


@pytest.mark.parametrize("writes", [0, 1])
def test_xenserver_gets_no_call_that_was_stopped(lab: RunningLab, writes: int) -> None:
    """XML-RPC is two writes: the header, and the call."""
    before = len(lab.calls("pool.disable_ha"))
    with open_session(to_pool(lab, "amber-1")) as xapi:
        with pytest.raises(Withheld), gated(no_write_after(writes)):
            xapi.start("pool.disable_ha")
        xapi.call("pool.get_all_records")
    assert len(lab.calls("pool.disable_ha")) == before


@pytest.mark.parametrize("writes", [0, 1])
def test_cloudstack_gets_no_command_that_was_stopped(lab: RunningLab, writes: int) -> None:
    host = lab.do(lambda world: world.host("amber-1").uuid)
    with open_cloudstack(to_cloudstack(lab)) as cloudstack:
        with pytest.raises(Withheld), gated(no_write_after(writes)):
            cloudstack.start("prepareHostForMaintenance", id=host)
        cloudstack.read("listZones")
    assert not lab.calls("prepareHostForMaintenance")
