"""A row about CloudStack in ``lab/refusals.md``, and the register of them all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lab.scenarios.build import add_pool
from lab.world import World
from tests.lab.cloudstack.conftest import Json, Refused, Site

Provoke = Callable[[Site], object]
HEAD = """
## CloudStack

The code is the HTTP status and `errorcode`; in an asynchronous command it is that of the failed job. `<…>` stands for
what differs from case to case. Where no version is named, all from 4.3.1 to 4.22 that have the command say so. Sources
are classes of CloudStack.

| command | code | text | when | source |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Row:
    """One way to be refused. ``version`` is the CloudStack that says so; the lab's usual one when empty."""

    command: str
    code: int
    text: str
    when: str
    source: str
    provoke: Provoke
    version: str

    def site(self) -> Site:
        """The estate, and a pool of three that CloudStack does not know."""
        plan: Json = {"clusters": ["amber", "basalt", "cobalt"]}
        return Site(plan | ({"version": self.version} if self.version else {}), _add_stranger)

    def fits(self, refused: Refused) -> bool:
        """The refusal met is the one of this row."""
        pattern = ".+".join(map(re.escape, re.split(r"<[\w ]+>", self.text)))
        return refused.code == self.code and re.fullmatch(pattern, refused.text, re.S) is not None


def _add_stranger(world: World) -> None:
    add_pool(world, "stranger", 3)


ROWS: list[Row] = []


def refuses(
    command: str, code: int, text: str, when: str, source: str, provoke: Provoke, version: str = ""
) -> None:
    """Register a refusal: the last step of ``provoke`` meets it."""
    ROWS.append(Row(command, code, text, when, source, provoke, version))


def section() -> str:
    """The part of ``lab/refusals.md`` about CloudStack."""
    rows = sorted(ROWS, key=lambda row: (not row.command.startswith("any"), row.command.lower()))
    lines = [
        f"| {row.command} | {row.code} | `{_cell(row.text)}` | {_cell(row.when)} | {row.source} |"
        for row in rows
    ]
    return HEAD + "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.strip().replace("|", "\\|")
