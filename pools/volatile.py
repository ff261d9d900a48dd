"""Fields of facts that move by themselves."""

from __future__ import annotations

from dataclasses import field
from typing import Any

VOLATILE = {"volatile": True}
"""Metadata of fields that move by themselves (load, ages): shown in a difference, never binding in it."""


def volatile(default: Any = None) -> Any:
    """A dataclass field that changes without anybody's doing."""
    return field(default=default, metadata=VOLATILE)
