"""Talks to the control port of a running lab."""

from __future__ import annotations

import argparse
import datetime
import http.client
import json
from pathlib import Path
from typing import Any

from lab import overview, scenarios

TIMEOUT_SECONDS = 10.0
SAVE_SECONDS = 1200.0  # a hundred thousand VMs take minutes


class NoLab(Exception):
    """Nothing answers there; the text says what to do."""


class Refused(Exception):
    """The lab did not understand the order; the text is its sentence."""


def run(chosen: argparse.Namespace, control: int) -> str:
    """Carry out a command; the text to print."""
    if chosen.command == "scenarios":
        return "\n".join(f"{name:<18} {scenarios.summary(name)}" for name in scenarios.names())
    if chosen.command == "info":
        return json.dumps(ask(control, "/info"), indent=2)
    if chosen.command == "state":
        state = ask(control, "/state")
        return json.dumps(state, indent=2) if chosen.json else overview.text(state)
    if chosen.command == "calls":
        return _calls(chosen, control)
    if chosen.command == "save":
        return _save(chosen.file, control)
    if chosen.command == "words":
        return "\n".join(f"{word:<18} {what}" for word, what in ask(control, "/words").items())
    return str(next(iter(ask(control, f"/{chosen.command}", _order(chosen)).values())))


def _order(chosen: argparse.Namespace) -> dict[str, Any]:
    names = ("kind", "where", "sr", "from", "call", "times", "after", "delay", "what", "seconds")
    return {name: value for name in names if (value := getattr(chosen, name, None)) is not None}


def _save(file: Path, control: int) -> str:
    """Write the world down, through a file beside it, so that what was there stays until the new one is whole."""
    text = ask(control, "/save", seconds=SAVE_SECONDS)
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    except OSError as problem:
        raise Refused(f"{file} cannot be written: {problem.strerror}.") from problem
    return f"The world is in {file}: start a lab with it by `python -m lab --world {file}`."


def _calls(chosen: argparse.Namespace, control: int) -> str:
    calls = ask(control, "/calls?changing=1" if chosen.changing else "/calls")
    if chosen.clear:
        ask(control, "/calls/clear", {})
    return json.dumps(calls, indent=2) if chosen.json else "\n".join(map(_call_line, calls))


def _call_line(call: dict[str, Any]) -> str:
    when = datetime.datetime.fromtimestamp(call["time"], datetime.UTC).strftime("%H:%M:%S.%f")[:-3]
    args = call["args"]
    shown = (
        " ".join(map(str, args)) if isinstance(args, list) else " ".join(f"{k}={v}" for k, v in args.items())
    )
    session = call["session"].removeprefix("OpaqueRef:")[:8] or "-"
    return f"{when} {call['host']:<12} {session:<8} {call['name']} {shown} → {call['outcome']}"


def ask(
    control: int, path: str, order: dict[str, Any] | None = None, *, seconds: float = TIMEOUT_SECONDS
) -> Any:
    """GET, or POST when there is an order."""
    connection = http.client.HTTPConnection("127.0.0.1", control, timeout=seconds)
    try:
        body = None if order is None else json.dumps(order)
        connection.request("GET" if order is None else "POST", path, body)
        answer = connection.getresponse()
        data = json.loads(answer.read())
    except (OSError, ValueError, http.client.HTTPException) as problem:
        raise NoLab(
            f"No lab answers on control port {control} ({problem}): start one with `python -m lab`, "
            "or name the port with --control."
        ) from problem
    finally:
        connection.close()
    if answer.status != 200:
        raise Refused(data["error"])
    return data
