"""A workflow in words, made of its classes: as data for other programs, and as the made part of its page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from workflows.catalogue import WORKFLOWS
from workflows.engine.step import Step, Workflow

BEGIN = "<!-- Made by `python manage.py docs_workflows`; what stands above and below is written by hand. -->"
END = "<!-- Here the made part ends. -->"
BEFORE = "## What can go wrong"
"""The made part stands before this heading of the page."""


class _Names(dict[str, str]):
    """`{host}` becomes `HOST`."""

    def __missing__(self, name: str) -> str:
        return name.upper()


def as_data(workflow: Workflow) -> dict[str, Any]:
    """Slug, title, risk, inputs, and the steps with their risk and why. Times are in seconds."""
    return {
        "slug": workflow.slug,
        "title": worded(workflow.title),
        "family": workflow.family,
        "why": workflow.why,
        "risk": workflow.risk.value,
        "duration": workflow.duration,
        "listed": workflow.listed,
        "inputs": [asdict(wanted) for wanted in workflow.inputs],
        "steps": [_step(step) for step in workflow.steps],
        "other_ways": {when: [_step(step) for step in steps] for when, steps in workflow.other_ways.items()},
    }


def catalogue() -> list[dict[str, Any]]:
    """All of them, in the catalogue's order."""
    return [as_data(workflow) for workflow in WORKFLOWS.values()]


def worded(title: str) -> str:
    """A title without anybody's names."""
    return title.format_map(_Names())


def page_with(page: str, workflow: Workflow) -> str:
    """The page with its made part anew. ValueError when the page has no place for it."""
    made = f"{BEGIN}\n\n{markdown(workflow)}\n{END}\n"
    before, begin, rest = page.partition(BEGIN)
    if begin:
        _old, end, after = rest.partition(END + "\n")
        if not end:
            raise ValueError(f"the page of {workflow.slug} has a beginning of the made part, and no end")
        return f"{before}{made}{after}"
    before, heading, after = page.partition(BEFORE)
    if not heading:
        raise ValueError(f"the page of {workflow.slug} has no heading “{BEFORE}”")
    return f"{before}{made}\n{heading}{after}"


def markdown(workflow: Workflow) -> str:
    """What is asked for, and the steps."""
    return "\n".join(_lines(workflow))


def _lines(workflow: Workflow) -> Iterator[str]:
    yield f"## Step by step\n\n`{workflow.slug}`: risk {workflow.risk.value}, {workflow.duration}.\n"
    if workflow.inputs:
        yield "| asked for | what it is |\n|---|---|"
        for wanted in workflow.inputs:
            optional = "" if wanted.required else " May be left out."
            yield f"| {wanted.label} | {wanted.help or 'A choice from a list.'}{optional} |"
        yield ""
    yield from _numbered(workflow.steps)
    for when, steps in workflow.other_ways.items():
        yield f"### When {when}\n"
        yield from _numbered(steps)


def _numbered(steps: Iterable[Step]) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        yield f"{number}. **{worded(step.title)}.** {step.why}"
        yield f"   *{'; '.join(_marks(step))}.*"
    yield ""


def _marks(step: Step) -> Iterator[str]:
    if not step.changes_something:
        yield f"looks only, at most {_span(step.within)}"
        return
    if step.sends:
        yield f"sends {', '.join(f'`{call}`' for call in step.sends)}"
    yield f"risk {step.risk.value}, at most {_span(step.within)}"
    if step.owes:
        yield f"owes {OWED.get(step.owes, step.owes)}"
    if step.pays:
        yield f"pays {', '.join(OWED.get(kind, kind) for kind in step.pays)}"
    if step.skippable:
        yield "may be skipped, with a reason"
    if step.pause_point:
        yield "the run may rest after it"
    yield f"undo: {step.undo.rstrip('.')}"


OWED: Mapping[str, str] = {
    "ha": "HA",
    "maintenance": "the end of the maintenance",
    "host-disabled": "an enabled host",
    "unmanaged": "a managed cluster",
}


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def _step(step: Step) -> dict[str, Any]:
    return {
        "key": step.key,
        "title": worded(step.title),
        "why": step.why,
        "risk": step.risk.value,
        "sends": list(step.sends),
        "danger": step.danger,
        "undo": step.undo,
        "within_s": step.within,
        "skippable": step.skippable,
        "owes": step.owes,
        "pays": list(step.pays),
        "pause_point": step.pause_point,
    }
