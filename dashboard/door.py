"""The page of somebody who is locked out, and finding things by name."""

from __future__ import annotations

import math
from typing import Any

from axes.helpers import get_client_username
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from dashboard.people import MAY, ROLES, names_in, permissions_of
from pools.models import CloudStack, Pool
from workflows.models import Run


def locked(request: HttpRequest, _original: HttpResponse | None, credentials: dict[str, Any]) -> HttpResponse:
    """Answer of django-axes (AXES_LOCKOUT_CALLABLE): says when the door opens again."""
    context = {
        "username": get_client_username(request, credentials) or "",
        "failure_limit": settings.AXES_FAILURE_LIMIT,
        "minutes": math.ceil(settings.AXES_COOLOFF_TIME.total_seconds() / 60),
    }
    return render(request, "registration/locked.html", context, status=429)


@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Straight to a run by its number or a pool by its name; anything else filters the overview."""
    text = request.GET.get("q", "").strip()
    number = text.lower().removeprefix("run").strip()
    if number.isascii() and number.isdigit() and Run.objects.filter(pk=int(number[:18])).exists():
        return redirect("workflows:run", int(number[:18]))
    if pool := Pool.objects.filter(name__iexact=text).first():
        return redirect("pools:pool", pool.name)
    return redirect(f"{reverse('overview')}?{urlencode({'q': text})}")


@require_GET
def settings_page(request: HttpRequest) -> HttpResponse:
    """Pools, CloudStacks, and who may do what."""

    roles = [(role, names_in([role]), [MAY[p] for p in permissions_of(role) if p in MAY]) for role in ROLES]
    context = {
        "pools": Pool.objects.select_related("cloudstack"),
        "cloudstacks": CloudStack.objects.prefetch_related("pools"),
        "roles": roles,
        "interval": settings.WATCH_INTERVAL,
    }
    return render(request, "dashboard/settings.html", context)
