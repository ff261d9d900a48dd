"""Whether a value is of the kind its field says, as far as a file can get it wrong."""

from __future__ import annotations

import builtins
import sys
from dataclasses import Field
from typing import Any, get_origin


def complaint(owner: type, field: Field[Any], value: Any) -> str:
    """What is wrong with the value of a dataclass's field; empty if nothing is, or if that cannot be told."""
    said = str(field.type)
    names = [choice.partition("[")[0].strip() for choice in said.split(" | ")]
    if any(_fits(_kind(owner, name), value) for name in names):
        return ""
    return f"its {field.name} is {value!r} and should be {said}"


def _kind(owner: type, name: str) -> type | None:
    """What the annotation's name means where the class was written; None if it is only known to type checkers."""
    if name == "None":
        return type(None)
    found = getattr(sys.modules[owner.__module__], name, None) or getattr(builtins, name, None)
    found = get_origin(found) or found
    return found if isinstance(found, type) else None


def _fits(kind: type | None, value: Any) -> bool:
    if kind is None:
        return not isinstance(value, str | int | float | None)
    if isinstance(value, bool):
        return kind is bool or kind is object
    return isinstance(value, int | float if kind is float else kind)
