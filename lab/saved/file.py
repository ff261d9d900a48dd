"""The file: one JSON document, an object to a line, so that a complaint can name the line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab.saved import graph_out, resume
from lab.saved.graph_in import Reader, Wrong
from lab.world import World
from lab.world.clock import Clock

FORMAT = 1
PARTS: dict[str, Any] = {
    "now": int | float,
    "starting": list,
    "lost": list,
    "world": dict,
    "timers": list,
    "objects": dict,
}
LEFT_OUT = {("World", name) for name in ("calls", "certificate", "crashes", "_listeners", "_at")} | {
    ("Host", "processes"),
    ("Host", "starting"),
    ("Pool", "tasks"),
}


class Unreadable(ValueError):
    """The file holds no world; the text names the file and the line."""


def save(world: World) -> str:
    """The world as text. Calls under way and tasks are not in it: they live in the memory of a toolstack."""
    writer = graph_out.Writer(LEFT_OUT)
    timers, starting = resume.under_way(world)
    roots = writer.write({"world": world, "timers": timers})
    head = {
        "lab world": FORMAT,
        "now": world.now(),
        "starting": starting,
        "lost": resume.lost_calls(world),
        **roots,
    }
    parts = [f"{json.dumps(name)}: {json.dumps(part)}" for name, part in head.items()]
    lines = [f"{json.dumps(name)}: {json.dumps(body)}" for name, body in writer.objects.items()]
    return "{\n" + ",\n".join(parts) + ',\n"objects": {\n' + ",\n".join(lines) + "\n}\n}\n"


def load(path: Path, clock_at: Callable[[float], Clock]) -> World:
    """The world of a file, with a clock that stands where it stood; Unreadable with the line that makes no sense."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise Unreadable(f"{path} cannot be read: {problem}.") from problem
    head = _document(path, text)
    clock = clock_at(float(head["now"]))
    reader = Reader(head["objects"], clock)
    try:
        reader.read()
        world = reader.guarded("world", lambda: reader.value(head["world"]))
        if not isinstance(world, World):
            raise Wrong("world", "it is no world")
        timers = reader.guarded("timers", lambda: reader.value(head["timers"]))
        reader.guarded("starting", lambda: resume.go_on(world, timers, head["starting"], head["lost"]))
    except Wrong as wrong:
        line = _line(text, wrong.name)
        raise Unreadable(f"{path}, line {line}: {wrong.name}: {wrong}.") from wrong
    return world


def _document(path: Path, text: str) -> dict[str, Any]:
    """The parts of the file, each of the right kind."""
    try:
        head = json.loads(text)
    except json.JSONDecodeError as problem:
        raise Unreadable(f"{path}, line {problem.lineno}: this is not JSON: {problem.msg}.") from problem
    if not isinstance(head, dict) or head.get("lab world") != FORMAT:
        raise Unreadable(f'{path}, line 1: this is not a world of this lab: it has no "lab world": {FORMAT}.')
    for name, kind in PARTS.items():
        if not isinstance(head.get(name), kind) or isinstance(head[name], bool):
            raise Unreadable(f"{path}, line {_line(text, name)}: {name} is missing or of the wrong kind.")
    return head


def _line(text: str, name: str) -> int:
    """The line on which the part or object of that name begins; 1 if there is none."""
    before, found, _ = text.partition(f"\n{json.dumps(name)}: ")
    return before.count("\n") + 2 if found else 1
