"""Each of the lab's worlds has a history of its own: changing SCENARIO changes the demo's database with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from deploy.refusal import Refusal

FILES = ("baton.sqlite3", "baton.sqlite3-wal", "baton.sqlite3-shm")


def switch(data_dir: Path, scenario: str, own_database: bool) -> str:
    """Make ``scenario`` the one that ``data_dir`` shows; returns a sentence if another was shown before.

    The other's database is put aside under its name, and comes back with it. Raises Refusal if there is no such
    scenario, or if the database is not ours to put aside.
    """
    mark = data_dir / "scenario"
    shown = mark.read_text().strip() if mark.exists() else ""
    if shown == scenario:
        return ""
    check(scenario)
    if shown and not own_database:
        raise Refusal(f"the database in DATABASE_URL holds the scenario {shown}; name another for {scenario}")
    if shown:
        move(data_dir, "", f"{shown}.")
        move(data_dir, f"{scenario}.", "")
    mark.write_text(f"{scenario}\n")
    return f"the scenario {shown} is put aside, {scenario} is shown." if shown else ""


def check(scenario: str) -> None:
    """Raises Refusal, with the names there are, if the lab knows no such scenario."""
    words = [sys.executable, "-m", "lab", "scenarios"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    names = [line.split()[0] for line in done.stdout.splitlines() if line.strip()]
    if done.returncode or scenario not in names:
        raise Refusal(f"SCENARIO is {scenario!r}; accepted: {', '.join(names) or done.stderr.strip()}")


def move(folder: Path, old: str, new: str) -> None:
    """Rename the database's files from one prefix to another, those that are there."""
    for name in FILES:
        if (folder / f"{old}{name}").exists():
            (folder / f"{old}{name}").rename(folder / f"{new}{name}")
