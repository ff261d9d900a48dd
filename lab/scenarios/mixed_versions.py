"""Amber is half way through an upgrade: its master and amber-2 run 8.2, amber-3 and amber-4 still 8.1. HA is off."""

from lab.scenarios.build import add_pool, fill
from lab.world import World

OLDER = {
    "product_version": "8.1.0",
    "product_version_text": "8.1",
    "product_version_text_short": "8.1",
    "platform_version": "3.1.0",
    "xapi": "1.19",
    "date": "2019-11-28",
}


def build(world: World) -> None:
    amber = add_pool(world, "amber", 4)
    for name in ("amber-3", "amber-4"):
        world.host(name).software_version |= OLDER
        world.host(name).api_version = (2, 14)
    amber.other_config["rolling_upgrade_in_progress"] = "true"
    fill(world, amber, 16)
