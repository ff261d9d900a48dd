"""cloudstack-stale-up: Up, of what is gone."""

from __future__ import annotations

from dataclasses import replace

from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, fires_on, silent_on
from tests.pools.rules.trouble import refused
from tests.pools.world import SILENT, amber, judged, master_silent, with_probe

CODE = "cloudstack-stale-up"


def dead(**cloudstack_says: object) -> Case:
    return judged(amber().with_host("amber-3", live=False).with_cs_host("cs-3", **cloudstack_says))


test_it_fires_on = fires_on(
    CODE,
    {
        "a dead host": (CRITICAL, "amber-3", dead()),
        "a host whose own address is silent": (
            CRITICAL,
            "amber-3",
            judged(with_probe(amber(), "127.10.1.3", answers=False, code="timeout")),
        ),
        "a pool without a master": (CRITICAL, "amber", judged(master_silent())),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "Alert": dead(state="Alert"),
        "Disconnected": dead(state="Disconnected"),
        "a host in maintenance": dead(resourcestate="Maintenance"),
        "a disabled host": judged(amber().with_host("amber-3", enabled=False)),
        "a wrong password": judged(refused("login-refused")),
        "a master that is only suspect": judged(replace(amber(), pool=None, pool_trouble=SILENT)),
        "a probe of the master's address that fails while the pool answers": judged(
            with_probe(amber(), "127.10.1.1", answers=False, code="timeout")
        ),
        "a host that the pool does not have": judged(amber().without_host("amber-3")),
        "a silent CloudStack": judged(replace(master_silent(), cloudstack=None, cloudstack_trouble=SILENT)),
    },
)
