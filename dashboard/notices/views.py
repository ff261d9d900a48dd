"""Pages about notifications: who is told what, what was told, silences, and the buttons beside a finding."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.live import announce
from dashboard.notices import tasks
from dashboard.notices.forms import AcknowledgeForm, RouteForm, SilenceForm
from dashboard.notices.gathering import TOPIC
from dashboard.notices.models import TEST, Acknowledgement, Notice, Route, Silence
from dashboard.notices.sending import masked
from dashboard.people import requires
from pools.credentials import CredentialsUnreadable
from pools.models import Finding, Pool
from pools.rules.case import Severity

LAST = 50


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """Routes with how they fare, silences in force, and the last messages."""
    now = timezone.now()
    context = {
        "routes": [_faring(route) for route in Route.objects.all()],
        "silences": Silence.objects.in_force(now).select_related("pool", "by"),
        "known": Acknowledgement.objects.filter(ended_at=None).select_related("pool", "by"),
        "last": Notice.objects.select_related("route", "pool")[:LAST],
    }
    return render(request, "notices/page.html", context)


def _faring(route: Route) -> dict[str, Any]:
    last = route.notices.exclude(tries=0).order_by("-ended_at", "-pk").first()
    return {
        "route": route,
        "address": _address(route),
        "last": last,
        "waiting": route.notices.filter(state=Notice.PENDING).count(),
        "failing": route.notices.filter(state=Notice.PENDING, tries__gt=0).first(),
    }


def _address(route: Route) -> str:
    try:
        return masked(route.url.reveal())
    except CredentialsUnreadable:
        return "cannot be read with the present CREDENTIAL_KEYS"


@requires("notices.change_route")
@require_http_methods(["GET", "POST"])
def add_route(request: HttpRequest) -> HttpResponse:
    """A new way to reach people."""
    return _route(request, None)


@requires("notices.change_route")
@require_http_methods(["GET", "POST"])
def change_route(request: HttpRequest, pk: int) -> HttpResponse:
    """Another wish, another address; or the route is taken away."""
    route = get_object_or_404(Route, pk=pk)
    if request.method == "POST" and "delete" in request.POST:
        route.delete()
        messages.success(request, f"{route.name} is gone; nobody is told by it any more.")
        return redirect("notices:notices")
    return _route(request, route)


def _route(request: HttpRequest, route: Route | None) -> HttpResponse:
    form = RouteForm(request.POST if request.method == "POST" else None, route=route)
    if form.is_valid():
        saved = form.save()
        messages.success(request, f"{saved.name} is stored. Send a test to see whether it arrives.")
        return redirect("notices:notices")
    context = {"form": form, "route": route, "title": "Change a route" if route else "Add a route"}
    return render(request, "notices/route.html", context, status=422 if form.is_bound else 200)


@requires("notices.change_route")
@require_POST
def test_route(request: HttpRequest, pk: int) -> HttpResponse:
    """A message that says that it is one of ours; how it fared stands on the page."""
    route = get_object_or_404(Route, pk=pk)
    now = timezone.now()
    Notice.objects.create(
        route=route,
        kind=TEST,
        severity=Severity.INFO.value,
        title="Baton: a test",
        body=f"{request.user} asked for this test of the route {route.name}. Nothing is wrong.",
        created=now,
        next_try_at=now,
    )
    transaction.on_commit(lambda: tasks.deliver.apply_async((route.pk,), retry=False), robust=True)
    announce(TOPIC)
    messages.info(request, f"A test is on its way by {route.name}; what came of it will stand below.")
    return redirect("notices:notices")


@requires("notices.silence")
@require_http_methods(["GET", "POST"])
def silence(request: HttpRequest) -> HttpResponse:
    """Nobody is told for a while."""
    data = request.POST if request.method == "POST" else None
    form = SilenceForm(data, initial={"pool": request.GET.get("pool"), "code": request.GET.get("code")})
    if form.is_valid():
        made = form.save(_person(request))
        announce(TOPIC, "overview")
        what, where = made.code or "anything", made.pool or "any pool"
        messages.success(request, f"Nobody is told of {what} on {where} until then.")
        return redirect("notices:notices")
    return render(request, "notices/silence.html", {"form": form}, status=422 if form.is_bound else 200)


@requires("notices.silence")
@require_POST
def end_silence(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell again, from now on."""
    ended = Silence.objects.in_force(timezone.now()).filter(pk=pk).update(ended_at=timezone.now())
    announce(TOPIC, "overview")
    messages.success(request, "The silence is over." if ended else "That silence was over already.")
    return redirect("notices:notices")


@requires("notices.silence")
@require_POST
def acknowledge(request: HttpRequest) -> HttpResponse:
    """Somebody says that they know of a trouble: no reminders until it is over."""
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("Say which pool and which finding.", content_type="text/plain")
    pool: Pool = form.cleaned_data["pool"]
    code: str = form.cleaned_data["code"]
    if not Finding.objects.open().filter(pool=pool, code=code).exists():
        messages.warning(request, f"{code} is not open on {pool.name} any more.")
        return _back(request, pool)
    _known, made = Acknowledgement.objects.get_or_create(
        pool=pool,
        code=code,
        ended_at=None,
        defaults={"by": _person(request), "note": form.cleaned_data["note"]},
    )
    if made:
        announce(TOPIC, "overview", f"pool-{pool.pk}")
    return _back(request, pool)


def _back(request: HttpRequest, pool: Pool) -> HttpResponse:
    """Where the button stood."""
    there = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(there, allowed_hosts={request.get_host()}):
        return redirect(there)
    return redirect("pools:pool", pool.name)


def _person(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise TypeError("`requires` lets nobody in who is not signed in")
    return user
