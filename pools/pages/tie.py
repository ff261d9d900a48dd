"""The page on which a person says which cluster of which CloudStack a pool is."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from dashboard.people import requires
from pools.hurrying import look_soon
from pools.mapped import TIED, tie_of
from pools.models import Change, Pool
from pools.tieform import TieForm

LATEST = 20


@require_http_methods(["GET", "POST"])
@requires("pools.change_pool")
def cluster(request: HttpRequest, name: str) -> HttpResponse:
    """GET shows what is proved and who said what last; POST stores it."""
    pool = get_object_or_404(Pool.objects.select_related("cloudstack"), name=name)
    tied = tie_of(pool)
    form = TieForm(pool, tied, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.save(cast("User", request.user)):
        look_soon(pool.pk)
        messages.success(request, f"{pool.name} is looked at with this cluster from now on.")
        return redirect("pools:pool", pool.name)
    changes = Change.objects.filter(pool=pool, kind=TIED)[:LATEST]
    context = {"pool": pool, "form": form, "tied": tied, "changes": changes}
    return render(request, "pools/cluster.html", context, status=422 if form.is_bound else 200)
