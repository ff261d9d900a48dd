"""The page before an abort: what it leaves behind, and which steps would put it back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dashboard.people import requires
from workflows.pages import acts
from workflows.pages.context import context
from workflows.pages.face import MAY_CONFIRM
from workflows.pages.run import run_or_404
from workflows.running import choices


@require_http_methods(["GET", "POST"])
@requires(MAY_CONFIRM)
def ending(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what an abort would leave; POST aborts."""
    if request.method == "POST":
        return acts.abort(request, pk)
    run = run_or_404(pk)
    if run.ended:
        return redirect("workflows:run", pk)
    made = context(run, request.user)
    owed = [debt for debt in made["debts"] if debt.open]
    ways = {option.name.replace("-", "_"): option for option in choices.options(run)}
    return render(request, "workflows/run/abort.html", {**made, "owed": owed, "ways": ways})
