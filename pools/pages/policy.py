"""The page of a pool's policy: what the team wants, since when, and by whom."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from dashboard.people import requires
from pools.models import Change, Pool
from pools.policyform import POLICY, PolicyForm

LATEST = 20


@require_http_methods(["GET", "POST"])
@requires("pools.change_pool")
def policy(request: HttpRequest, name: str) -> HttpResponse:
    """GET shows the form and who changed what last; POST stores it."""
    pool = get_object_or_404(Pool, name=name)
    form = PolicyForm(pool, request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.save(cast("User", request.user))
        messages.success(request, " ".join(said) or "The policy is as it was.")
        return redirect("pools:policy", pool.name)
    changes = Change.objects.filter(pool=pool, kind=POLICY)[:LATEST]
    context = {"pool": pool, "form": form, "changes": changes}
    return render(request, "pools/policy.html", context, status=422 if form.is_bound else 200)
