"""Which code a plan was made with: a plan is approved for the workflow as it was then, not for whatever comes later."""

from __future__ import annotations

import hashlib
from pathlib import Path

from workflows import catalogue, steps
from workflows.engine import step as vocabulary
from workflows.engine.step import Workflow


def _digest(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _folder(package: object) -> list[Path]:
    return list(Path(str(getattr(package, "__path__")[0])).glob("*.py"))  # noqa: B009 - a module's, not ours


# Read once, with the code: a release that is being unpacked must not lend its files to an old process.
STEPS = _digest(*_folder(steps), Path(vocabulary.__file__))
WORKFLOWS = {file.stem: _digest(file) for file in _folder(catalogue)}


def version_of(workflow: Workflow) -> str:
    """SHA-256 (hex) over the workflow's file and all files of steps: any of them may be part of what it does."""
    own = WORKFLOWS.get(type(workflow).__module__.rpartition(".")[2], "")
    return hashlib.sha256(f"{own} {STEPS}".encode()).hexdigest()
