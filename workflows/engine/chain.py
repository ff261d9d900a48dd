"""The journal's hash chain. Pure, so that anybody can check an export with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any


def link(
    *,
    previous: str,
    run: int,
    seq: int,
    at: datetime,
    kind: str,
    step: int | None,
    actor: str,
    says: str,
    data: Any,
) -> str:
    """SHA-256 (hex) over the previous entry's hash and every field of this one, as canonical JSON."""
    fields = [previous, run, seq, at.astimezone(UTC).isoformat(), kind, step, actor, says, data]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def gaps(first: Mapping[int, str], named: Iterable[tuple[int, int, str]]) -> list[str]:
    """Sentences that name each run that was removed as a whole, or whose beginning was written anew. `first` is the
    hash of each run's first entry; `named` says which run names which other one, with its first hash at that time."""
    said: dict[int, str] = {}
    for by, run, mark in named:
        if run not in first:
            said.setdefault(run, f"Run {run} is missing: run {by} was planned after it.")
        elif first[run] != mark:
            said.setdefault(run, f"Run {run}: its first entry is not the one that run {by} names.")
    return [said[run] for run in sorted(said)]


def faults(run: int, entries: Iterable[Mapping[str, Any]], count: int, head: str) -> list[str]:
    """Sentences that name each line that was edited, removed or moved. `count` and `head` are what the run's own
    row says of its journal."""
    said, previous, expected = [], "", 1
    for entry in entries:
        if entry["seq"] != expected:
            said.append(f"Run {run}: entry {expected} is missing, entry {entry['seq']} stands in its place.")
        if entry["previous"] != previous:
            said.append(f"Run {run}: entry {entry['seq']} does not follow the entry before it.")
        fields = {
            key: entry[key] for key in ("previous", "seq", "at", "kind", "step", "actor", "says", "data")
        }
        if link(run=run, **fields) != entry["hash"]:
            said.append(f"Run {run}: entry {entry['seq']} was edited.")
        previous, expected = entry["hash"], entry["seq"] + 1
    if expected != count + 1:
        said.append(f"Run {run}: its journal has {count} entries, {expected - 1} are left.")
    elif previous != head:
        said.append(f"Run {run}: the last entry is not the one that was written last.")
    return said
