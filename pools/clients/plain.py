"""JSON from somebody who may mean ill: bounded in what it may become in memory, and text that any database stores."""

from __future__ import annotations

import json
from typing import Any

MOST_CONTAINERS, MOST_VALUES = 500_000, 4_000_000
"""`[],` is three bytes of a reply and sixty of memory. A pool of 64 hosts and 3,000 VMs has 150,000 and a million."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def loads(raw: bytes) -> Any:
    """The value. Raises ValueError for what is no JSON, nested too deeply, or too much; NaN and Infinity are none."""
    if raw.count(b"[") + raw.count(b"{") > MOST_CONTAINERS or raw.count(b",") > MOST_VALUES:
        raise ValueError("more values than any pool has")
    try:
        found = json.loads(raw, parse_constant=_none)
        # An escape may stand for what no text may hold: NUL, and half of a pair.
        return _clean(found) if b"\\u0000" in raw or b"\\ud" in raw or b"\\uD" in raw else found
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _none(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.replace("\0", REPLACEMENT)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value
