"""What is to happen later is a function, often a closure; in a file it is its place in the code and its variables.

Only code of the lab is named, so that a file cannot make the lab run anything else.
"""

from __future__ import annotations

import importlib
import re
import types
from collections.abc import Iterator
from functools import reduce
from typing import Any

LOCAL = ".<locals>."
PLACE = re.compile(r"lab(\.\w+)+:[\w.<>#]+")


class Nowhere(ValueError):
    """No such code, or not of the lab."""


def place(function: types.FunctionType) -> str:
    """Where its code is: ``lab.world.ha:watch.<locals>.look``; the second lambda of a function is ``<lambda>#1``."""
    outer, _, name = function.__qualname__.rpartition(LOCAL)
    if not outer:
        return f"{function.__module__}:{function.__qualname__}"
    same = [code for code in _inner(_code(function.__module__, outer)) if code.co_name == name]
    number = next(index for index, code in enumerate(same) if code == function.__code__)
    return f"{function.__module__}:{outer}{LOCAL}{name}#{number}"


def shell(where: str) -> types.FunctionType:
    """The function of that place, its variables still empty; Nowhere if the lab has no such code."""
    if not PLACE.fullmatch(where):
        raise Nowhere(f"{where!r} is no code of the lab")
    module_name, _, qualname = where.partition(":")
    code = _code(module_name, qualname)
    cells = tuple(types.CellType() for _ in code.co_freevars)
    name = qualname.partition("#")[0]
    made = types.FunctionType(code, vars(importlib.import_module(module_name)), name, None, cells)
    made.__qualname__, made.__module__ = re.sub(r"#\d+", "", qualname), module_name
    return made


def named(where: str) -> Any:
    """The class or function of a module: ``lab.world.things:Host``; Nowhere if there is none."""
    if not PLACE.fullmatch(where):
        raise Nowhere(f"{where!r} is no code of the lab")
    module_name, _, qualname = where.partition(":")
    try:
        return reduce(getattr, qualname.split("."), importlib.import_module(module_name))
    except (ImportError, AttributeError) as problem:
        raise Nowhere(f"this lab has no {where}") from problem


def _code(module: str, qualname: str) -> types.CodeType:
    parts = qualname.split(LOCAL)
    code: types.CodeType = named(f"{module}:{parts[0]}").__code__
    for part in parts[1:]:
        name, _, number = part.partition("#")
        same = [inner for inner in _inner(code) if inner.co_name == name]
        if len(same) <= int(number or 0):
            raise Nowhere(f"this lab has no {module}:{qualname}")
        code = same[int(number or 0)]
    return code


def _inner(code: types.CodeType) -> Iterator[types.CodeType]:
    return (const for const in code.co_consts if isinstance(const, types.CodeType))
