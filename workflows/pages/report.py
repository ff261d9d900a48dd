"""The report of a run: who saw, confirmed and sent what, and what came of it. As a page that prints well, and JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from workflows.pages import asides
from workflows.pages.context import context, tone
from workflows.pages.run import run_or_404
from workflows.pages.words import between
from workflows.running import journal
from workflows.running.report import report


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as a page: every step, every vote, the whole journal."""
    return render(request, "workflows/report.html", _told(request, pk))


@require_GET
def as_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as one file that needs nothing else: to be kept, sent, or printed."""
    answer = render(request, "workflows/report_file.html", {**_told(request, pk), "made_at": timezone.now()})
    answer["Content-Disposition"] = f'attachment; filename="run-{pk}.html"'
    return answer


@require_GET
def as_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as JSON, with the journal's hashes, so that it can be checked elsewhere."""
    answer = JsonResponse(report(run_or_404(pk)), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'inline; filename="run-{pk}.json"'
    return answer


def _told(request: HttpRequest, pk: int) -> dict[str, Any]:
    run = run_or_404(pk)
    lines = [{"entry": entry, "tone": tone(entry)} for entry in run.journal.order_by("seq")]
    costs = asides.costs(run, timezone.now())
    beside = [(what[:1].upper() + what[1:], time) for what, time in costs]
    if took := between(run.started_at, run.ended_at):
        beside.insert(0, ("From start to end", took))
    if run.version:
        beside.append(("Version of the workflow", run.version))
    made = context(run, request.user)
    return {**made, "whole_journal": lines, "beside": beside, "faults": journal.verify(run)}
