"""Other names for everything: the same for the same estate, and none that tells what it was."""

from __future__ import annotations

import re

POOLS = ("amber", "basalt", "cobalt", "dolomite", "emerald", "flint", "garnet", "hematite", "iolite", "jade")
CLOUDSTACK = re.compile(r"^(i)-\d+-\d+-VM$|^([rvs])-\d+-VM$")
SAFE_KEYS = {
    "default_ha_timeout",
    "rolling_upgrade_in_progress",
    "multipathing",
    "MAINTENANCE_MODE",
    "auto_poweron",
}
SAFE_VERSIONS = (
    *(
        "product_version",
        "product_version_text",
        "product_version_text_short",
        "product_brand",
        "platform_name",
    ),
    *(
        "platform_version",
        "build_number",
        "xapi",
        "xapi_build",
        "xen",
        "linux",
        "network_backend",
        "db_schema",
        "date",
    ),
)
PLAIN_VALUE = re.compile(r"^(true|false|\d{1,9}|)$")


def pool(number: int) -> str:
    """amber, basalt …, then pool-11."""
    return POOLS[number - 1] if number <= len(POOLS) else f"pool-{number}"


def vm(old: str, number: int) -> str:
    """CloudStack's kinds stay recognizable: i-2-34-VM, r-35-VM; everything else is vm-36."""
    match = CLOUDSTACK.match(old)
    if match is None:
        return f"vm-{number}"
    return f"i-2-{number}-VM" if match[1] else f"{match[2]}-{number}-VM"


def safe(config: dict[str, str]) -> dict[str, str]:
    """Of a free-form map, the keys that are known to be harmless, with values that are mere switches or numbers."""
    return {
        key: "true" if key == "MAINTENANCE_MODE" else value
        for key, value in config.items()
        if _harmless(key, value)
    }


def _harmless(key: str, value: str) -> bool:
    return key in SAFE_KEYS and (key == "MAINTENANCE_MODE" or bool(PLAIN_VALUE.match(value)))


def switches(config: dict[str, str]) -> dict[str, str]:
    """Of a licence's or a pool's restrictions, what is a switch."""
    known = ("restrict_", "enable_", "regular_")
    return {
        key: value for key, value in config.items() if key.startswith(known) and value in ("true", "false")
    }


def version(software: dict[str, str]) -> dict[str, str]:
    """What a release says of itself, without what a site added."""
    return {key: software[key] for key in SAFE_VERSIONS if key in software}
