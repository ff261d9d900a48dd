"""All runs, newest first; every filter is in the query string."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pools.models import Pool
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.pages.face import state_word
from workflows.pages.start import title_of
from workflows.pages.strips import Line, line

R = RunState
PER_PAGE = 50
GROUPS = {
    "": ("All", frozenset(R)),
    "waiting": ("Wait for a person", frozenset({R.CONFIRM, R.FAILED, R.DOUBT, R.APPROVAL})),
    "working": ("Working", frozenset({R.STARTING, R.RUNNING})),
    "planned": ("Plans", frozenset({R.PLANNED})),
    "ended": ("Ended", frozenset({R.DONE, R.ABORTED, R.REFUSED, R.EXPIRED})),
}
"""Filter → its words, and the states that it takes."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter as a link, with how many runs it would show."""

    label: str
    href: str
    count: int
    chosen: bool


@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """The list."""
    asked = {key: request.GET.get(key, "") for key in ("state", "pool", "workflow", "q")}
    found = _filtered(asked)
    group = asked["state"] if asked["state"] in GROUPS else ""
    chosen = found.filter(state__in=GROUPS[group][1])
    wanted = chosen.select_related("pool", "owner", "requested_by").prefetch_related("steps", "approvals")
    page = Paginator(wanted, PER_PAGE).get_page(request.GET.get("page"))
    rows: list[tuple[Line, tuple[str, str]]] = [
        (line(run, request.user), state_word(run, request.user)) for run in page
    ]
    made = {
        "rows": rows,
        "page": page,
        "chips": _chips(found, asked, group),
        "asked": asked,
        "keep": urlencode({key: value for key, value in asked.items() if value}),
        "pools": Pool.objects.all(),
        "workflows": [(slug, title_of(workflow)) for slug, workflow in WORKFLOWS.items()],
        "filtered": any(asked.values()),
    }
    return render(request, "workflows/runs.html", made)


def _filtered(asked: dict[str, str]) -> QuerySet[Run]:
    found = Run.objects.all()
    if asked["pool"]:
        found = found.filter(pool__name=asked["pool"])
    if asked["workflow"]:
        found = found.filter(workflow=asked["workflow"])
    if asked["q"]:
        found = found.filter(title__icontains=asked["q"])
    return found


def _chips(found: QuerySet[Run], asked: dict[str, str], group: str) -> list[Chip]:
    counts = {row["state"]: row["n"] for row in found.order_by().values("state").annotate(n=Count("pk"))}
    return [
        Chip(
            words,
            "?"
            + urlencode(
                {**{k: v for k, v in asked.items() if v and k != "state"}, **({"state": key} if key else {})}
            ),
            sum(counts.get(state, 0) for state in states),
            key == group,
        )
        for key, (words, states) in GROUPS.items()
    ]
