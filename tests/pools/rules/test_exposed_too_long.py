"""exposed-too-long: a pool that stands without its net."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pools.exposure import Kind
from tests.pools.rules.judging import CRITICAL, WARNING, fires_on, found, silent_on, the
from tests.pools.rules.trouble import exposed, owing
from tests.pools.world import NOW, amber, judged, policy

CODE = "exposed-too-long"

test_it_fires_on = fires_on(
    CODE,
    {
        "without HA": (CRITICAL, "amber", exposed(Kind.HA, 61)),
        "unmanaged": (CRITICAL, "amber", exposed(Kind.UNMANAGED, 61)),
        "without a host to spare": (WARNING, "amber", exposed(Kind.NO_SPARE, 61)),
        "a run of ours, too": (
            CRITICAL,
            "amber",
            replace(exposed(Kind.HA, 61), obligations=owing("ha", moving=True)),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "an hour": exposed(Kind.HA, 60),
        "a policy that allows more": replace(exposed(Kind.HA, 61), policy=policy(exposure_limit_s=7200)),
        "no exposure": judged(amber()),
    },
)


def test_two_kinds_are_two_findings() -> None:
    case = judged(amber(), exposed_since={kind: NOW - timedelta(hours=2) for kind in Kind})
    assert len(found(case, CODE)) == 3


def test_it_says_what_the_pool_is_without() -> None:
    assert the(exposed(Kind.HA, 61), CODE).says.startswith(
        "amber is without HA since 2026-11-22 01:59:00 UTC"
    )
    assert "amber is unable to bear the loss of a host" in the(exposed(Kind.NO_SPARE, 61), CODE).says
