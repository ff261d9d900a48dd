"""Everything that the page of a run shows to one person, from rows to words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from pools.models import Finding
from pools.pages.context import needing
from workflows.engine.states import RunState
from workflows.engine.step import Risk
from workflows.models import Debt, Entry, Run, RunStep
from workflows.pages import asides, corrections, poolnow
from workflows.pages.approvals import box
from workflows.pages.comparison import comparison
from workflows.pages.face import Face, Person, face, name
from workflows.pages.openstep import LARGE, Open, open_step
from workflows.pages.rows import Row, known, rows
from workflows.pages.words import listed, plural

JOURNAL_LINES = 100
"""The page shows the end of a long journal; the report has all of it."""


@dataclass(frozen=True, slots=True)
class Owed:
    """An open debt with the step that will put it right, if one is left."""

    kind: str
    says: str
    incurred_at: datetime
    open: bool
    payer: RunStep | None


class Stamp:
    """A moment as a line of the journal writes it: here and not by the template's filters, which take three times
    as long, a hundred lines long."""

    def __init__(self, at: datetime) -> None:
        self.iso, self.day, self.clock = at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S} UTC", f"{at:%H:%M:%S}"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How the plan fares against the facts it was made on. `failing` holds step numbers and checks."""

    at: datetime
    all: int
    failing: tuple[tuple[int, Mapping[str, Any]], ...]
    debts: bool


def find(pk: int) -> Run:
    """The run with everything that its page asks for. Raises Run.DoesNotExist."""
    wanted = Run.objects.select_related("pool", "requested_by", "owner")
    steps = RunStep.objects.defer(*LARGE).select_related("confirmed_by", "first_by")
    return wanted.prefetch_related("approvals__by", Prefetch("steps", steps), "debts").get(pk=pk)


def context(run: Run, person: Person) -> dict[str, Any]:
    """The context of the page and of all its partials."""
    steps, debts, now = list(run.steps.all()), list(run.debts.all()), timezone.now()
    heading = face(run, steps, person)
    spine = rows(run, steps, debts)
    opened = open_step(run, steps, heading, person, now)
    facts = run.pool.last_facts()
    owed = [debt.kind for debt in debts if debt.open]
    approval = box(run, person)
    return {
        "run": run,
        "heading": heading,
        "rows": spine,
        "open_step": opened,
        "fold": _fold(spine),
        "debts": [_owed(debt, steps) for debt in debts],
        "unpaid": len(owed),
        "left": _left(run),
        "compared": comparison(run.baseline_facts) if heading.is_plan else None,
        "rehearsal": _rehearsal(run),
        "tally": tally(run),
        **_asides(run, heading, spine, person, now),
        "approval": approval,
        "pool_lines": poolnow.lines(facts, run.inputs.get("host", ""), owed) if facts else (),
        "looked_at": facts.at if facts else None,
        "people": _people(run, heading, now),
        "journal": _journal(run),
        "stick": _stick(heading, opened, approval.form),
    }


def _asides(run: Run, heading: Face, spine: Sequence[Row], person: Person, now: datetime) -> dict[str, Any]:
    plan = run.plan["steps"] if heading.is_plan else ()
    told = run.rehearsal or {}
    failing = len(told.get("failing", ()))
    return {
        "alone": asides.glasses(run, person),
        "waiver": asides.waiver(run, person),
        "rest": asides.rest(run, [row.step for row in spine], person),
        "other_version": asides.other_version(run),
        "takes": asides.takes(run.plan) if heading.is_plan else {},
        "threats": [(n, says) for n, step in enumerate(plan, 1) for says in step.get("threats", ())],
        "proposal": corrections.proposal(run, person),
        "rehearsed_at": datetime.fromisoformat(told["facts_at"]) if told else None,
        "rehearsed": f"{told['checks'] - failing} of {plural(told['checks'], 'check')} hold." if told else "",
    }


def _left(run: Run) -> list[Finding]:
    """After a run that is done: what in its pool still wants somebody, so that the page says where to go on."""
    if run.state != RunState.DONE:
        return []
    return needing(list(Finding.objects.filter(pool=run.pool).open().worst_first()))


def _owed(debt: Debt, steps: Sequence[RunStep]) -> Owed:
    payer = next((s for s in steps if not s.over and (step := known(s)) and debt.kind in step.pays), None)
    return Owed(debt.kind, debt.says, debt.incurred_at, debt.open, payer)


def _rehearsal(run: Run) -> Rehearsal:
    needed = [(n, s) for n, s in enumerate(run.plan["steps"], 1) if s["applies"]["ok"]]
    checks = [(n, check) for n, step in needed for check in step["checks"]]
    failing = tuple((n, check) for n, check in checks if not check["then"])
    return Rehearsal(run.baseline_facts.at, len(checks), failing, any(s["owes"] for _, s in needed))


def tally(run: Run) -> dict[str, Any]:
    """What the plan adds up to, in words: changes, removals, the first step without a way back, debts."""
    needed = [(n, s) for n, s in enumerate(run.plan["steps"], 1) if s["applies"]["ok"]]
    signs = [change["sign"] for _, step in needed for change in step["changes"]]
    debts = sum(bool(step["owes"]) for _, step in needed)
    return {
        "changes": plural(sum(sign != "-" for sign in signs), "change"),
        "removals": plural(signs.count("-"), "removal"),
        "final": next((n for n, step in needed if step["risk"] == Risk.FINAL), None),
        "debts": plural(debts, "debt") if debts else "",
    }


def _fold(spine: Sequence[Row]) -> dict[str, Any] | None:
    """The one line that stands for the steps that are over, on a phone."""
    past = [row for row in spine if row.kind == "past"]
    if not past or all(row.kind == "past" for row in spine):
        return None
    last = past[-1].row.number
    says = f"Steps 1 to {last} are over" if last > 1 else "Step 1 is over"
    return {"says": says, "ties": tuple(tie.replace(" a", " m") for tie in past[-1].ties)}


def _people(run: Run, heading: Face, now: datetime) -> list[dict[str, Any]]:
    yes = [a for a in run.approvals.all() if a.counts]
    said: list[dict[str, Any]] = [
        {"what": "Asked by", "who": heading.requester, "at": run.created},
        {"what": "Owner", "who": heading.owner, "at": None},
    ]
    if yes:
        said.append({"what": "Approved", "who": listed([name(a.by) for a in yes]), "at": yes[-1].at})
    said.append({"what": "Policy", "who": _policy(run), "at": None})
    said += [
        {"what": words[:1].upper() + words[1:], "who": time, "at": None}
        for words, time in asides.costs(run, now)
    ]
    holder = run if run.holds_pool else Run.objects.filter(pool=run.pool, holds_pool=True).first()
    lock = (
        f"this run holds {run.pool.name}"
        if holder == run
        else f"run {holder.pk} holds it"
        if holder
        else "free"
    )
    said.append({"what": "Lock", "who": lock, "at": run.started_at if holder == run else None})
    return said


def _policy(run: Run) -> str:
    needed, bar = run.approvals_needed, run.pool.second_person_from
    said = f"{plural(needed, 'approval')} before the start" if needed else "no approval needed"
    return f"{said}, two people from {bar} risk on" if bar else said


def _journal(run: Run) -> list[dict[str, Any]]:
    lines = list(run.journal.order_by("-seq")[:JOURNAL_LINES])
    return [
        {"at": Stamp(e.at), "number": _number(e), "says": _line(e), "tone": tone(e)} for e in reversed(lines)
    ]


def _number(entry: Entry) -> str:
    return "" if entry.step_index is None else str(entry.step_index + 1)


def _line(entry: Entry) -> str:
    return entry.says if entry.actor == "engine" else f"{entry.actor}: {entry.says}"


def tone(entry: Entry) -> str:
    """How a line of the journal stands out: what a person did, and what went wrong."""
    if entry.kind in ("failed", "lost", "doubt", "moved"):
        return "bad"
    return "" if entry.actor == "engine" else "who"


def _stick(heading: Face, opened: Open | None, form: str) -> dict[str, str] | None:
    """The bar at the foot of a phone: whose turn it is, and the way to the decision. It never confirms."""
    if form.endswith("_vote.html"):
        return {"mark": "hold", "word": "Your approval", "label": "Approve or not"}
    if opened is None or opened.template.endswith("_open_work.html") or not heading.may_confirm:
        return None
    label = {"confirm": "Read and confirm", "failed": "Read and decide"}
    state = opened.template.removeprefix("workflows/run/_open_").removesuffix(".html")
    return {
        "mark": heading.mark,
        "word": f"Step {opened.row.number}",
        "label": label.get(state, "Look and decide"),
    }
