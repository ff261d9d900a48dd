"""The report of a run: who saw, confirmed and sent what, and what came of it. As a page that prints well, and JSON."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from workflows.pages.context import context, tone
from workflows.pages.run import run_or_404
from workflows.running.report import report


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as a page: every step, every vote, the whole journal."""
    run = run_or_404(pk)
    journal = [{"entry": entry, "tone": tone(entry)} for entry in run.journal.order_by("seq")]
    return render(request, "workflows/report.html", {**context(run, request.user), "whole_journal": journal})


@require_GET
def as_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as JSON, with the journal's hashes, so that it can be checked elsewhere."""
    answer = JsonResponse(report(run_or_404(pk)), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'inline; filename="run-{pk}.json"'
    return answer
