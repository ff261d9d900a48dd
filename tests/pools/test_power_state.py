"""What out-of-band management says counts only where it is turned on and has reached the host."""

from __future__ import annotations

from typing import Any

import pytest

from pools.reading.cloudstack import cluster_facts


@pytest.mark.parametrize(
    "management, power",
    [
        ({"enabled": True, "powerstate": "Off"}, "Off"),
        ({"enabled": True, "powerstate": "On"}, "On"),
        ({"enabled": True, "powerstate": "Unknown"}, ""),
        ({"enabled": False, "powerstate": "Off"}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_power(management: dict[str, Any] | None, power: str) -> None:
    row = {"id": "1", "name": "amber-1", "outofbandmanagement": management}
    (host,) = cluster_facts("4.20.1.0", {}, [row]).hosts
    assert host.power == power
