"""The page of a run: plan, approval, turn, progress, failure and history, for as long as it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from workflows.models import Run
from workflows.pages import fragments
from workflows.pages.context import context, find


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why what a person asked for was not done. `differences` are sentences about what moved."""

    says: str
    differences: Sequence[str] = ()


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole page."""
    return page(request, run_or_404(pk))


@require_GET
def fragment(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One live part of it."""
    if name not in fragments.BLOCKS:
        raise Http404(f"A run's page has no part {name}.")
    return fragments.answer(request, name, context(run_or_404(pk), request.user))


def page(request: HttpRequest, run: Run, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
    """The page, with a refusal on top of it when there is one. It is made on the run as it is now."""
    made = context(run, request.user)
    made["blocks"] = fragments.blocks(request, made)
    made["refusal"] = refusal
    return render(request, "workflows/run/page.html", made, status=status)


def run_or_404(pk: int) -> Run:
    """The run, or a page that says there is none."""
    try:
        return find(pk)
    except Run.DoesNotExist:
        raise Http404(f"There is no run {pk}.") from None
