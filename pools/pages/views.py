"""The pages about pools: one pool, the timeline of all, and the forms that connect what is out there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.people import requires
from pools.adding import Wrong
from pools.forms import CloudStackForm, PoolForm
from pools.models import Change, CloudStack, Pool
from pools.pages.context import SPANS, pool_page, pool_then
from pools.pages.moments import moment_of
from pools.tasks import watch_pool

PARTS = ("head", "findings", "drawing", "captains", "strip", "availability", "audit", "cloudstack")
A_PAGE = 100


@require_GET
@gzip_page
def pool(request: HttpRequest, name: str) -> HttpResponse:
    """One pool; `?part=` gives one of its live parts alone."""
    asked = request.GET.get("span", "6h")
    span = asked if asked in SPANS else "6h"
    found = get_object_or_404(Pool, name=name)
    if "at" in request.GET:
        return _then(request, found, span)
    context = pool_page(found, timezone.now(), span)
    part = request.GET.get("part", "")
    template = f"pools/pool/_{part}.html" if part in PARTS else "pools/pool/page.html"
    return render(request, template, context)


def _then(request: HttpRequest, pool: Pool, span: str) -> HttpResponse:
    """What was known of the pool at that moment. A time without a zone is UTC, as everywhere in the console."""
    at = moment_of(request.GET["at"])
    if at is None or at > timezone.now():
        messages.warning(
            request, "That is no moment that has passed: give one such as 2026-11-22T03:12 (UTC)."
        )
        return redirect("pools:pool", pool.name)
    context = pool_then(pool, at, span)
    if context is None:
        messages.warning(
            request, f"Nothing is kept of {pool.name} that is as old as {at:%Y-%m-%d %H:%M} UTC."
        )
        return redirect("pools:pool", pool.name)
    return render(request, "pools/pool/then.html", context)


@require_POST
def look_now(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for a look at once, instead of at the next turn."""
    found = get_object_or_404(Pool, name=name)
    Pool.objects.filter(pk=found.pk).update(next_look_at=timezone.now())
    _look_soon(found.pk)
    messages.info(request, f"Looking at {found.name}; the page follows by itself.")
    return redirect("pools:pool", found.name)


@require_GET
@gzip_page
def timeline(request: HttpRequest) -> HttpResponse:
    """What changed, newest first, of every pool; filters stand in the address."""
    wanted = {key: request.GET.get(key, "").strip() for key in ("pool", "source", "q")}
    rows = Change.objects.select_related("pool")
    if wanted["pool"]:
        rows = rows.filter(pool__name=wanted["pool"])
    if wanted["source"]:
        rows = rows.filter(source=wanted["source"])
    if wanted["q"]:
        rows = rows.filter(says__icontains=wanted["q"])
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "pools": Pool.objects.values_list("name", flat=True), **wanted}
    return render(request, "pools/timeline.html", context)


@requires("pools.add_pool")
@require_http_methods(["GET", "POST"])
def add_pool(request: HttpRequest) -> HttpResponse:
    """Connect a pool: it is looked at with what was typed in, and stored only then."""
    form = PoolForm(request.POST if request.method == "POST" else None)
    made = _saved(form)
    if isinstance(made, Pool):
        _say(request, form, f"{made.name} is connected. Its first look is under way.")
        _look_soon(made.pk)
        return redirect("pools:pool", made.name)
    return _form(request, form, "Connect a pool", "pools:add-pool")


@requires("pools.add_cloudstack")
@require_http_methods(["GET", "POST"])
def add_cloudstack(request: HttpRequest) -> HttpResponse:
    """Connect a CloudStack: asked for its version and clusters, and stored only then."""
    form = CloudStackForm(request.POST if request.method == "POST" else None)
    made = _saved(form)
    if isinstance(made, CloudStack):
        _say(request, form, f"CloudStack {made.name} is connected. Now connect its pools.")
        return redirect("settings")
    return _form(request, form, "Connect a CloudStack", "pools:add-cloudstack")


def _look_soon(pool_id: int) -> None:
    """A hint to the watcher; with the broker away the pool's own turn comes within seconds."""
    transaction.on_commit(lambda: watch_pool.apply_async((pool_id,), retry=False), robust=True)


def _saved(form: PoolForm | CloudStackForm) -> Pool | CloudStack | None:
    """What was stored; None when the form is not valid, or somebody else took the name meanwhile."""
    if not form.is_valid():
        return None
    try:
        return form.save()
    except Wrong as wrong:
        form.add_error(wrong.field if wrong.field in form.fields else None, wrong.says)
        return None


def _say(request: HttpRequest, form: Any, done: str) -> None:
    messages.success(request, done)
    for note in form.notes:
        messages.info(request, note)


def _form(request: HttpRequest, form: Any, title: str, url: str) -> HttpResponse:
    status = 422 if form.is_bound else 200
    context = {"form": form, "title": title, "action": reverse(url)}
    return render(request, "pools/form.html", context, status=status)
