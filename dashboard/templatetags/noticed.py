"""Beside a finding: who knows of it, whether it is silenced, and the buttons to say so."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone

from dashboard.notices.models import Acknowledgement, Silence
from dashboard.notices.vocabulary import Quiet
from pools.models import Finding

register = template.Library()

_KEPT = "noticed"
Noticed = tuple[dict[tuple[int, str], Acknowledgement], list[Silence]]


@register.inclusion_tag("notices/_noticed.html", takes_context=True)
def noticed(context: Context, finding: Finding, with_pool: Any = False) -> dict[str, Any]:
    """What people have said about this trouble; the buttons stand on the pool's own page."""
    request = context.get("request")
    known, quiet = _all(request)
    key, now = (finding.pool_id, finding.code), timezone.now()
    user: Any = context.get("user")
    may = bool(user and user.has_perm("notices.silence"))
    return {
        "finding": finding,
        "pool": context.get("pool"),
        "known": known.get(key),
        "silence": next((silence for silence in quiet if _quiet(silence).covers(*key, now)), None),
        "buttons": not with_pool and may and finding.expected_by is None and finding.severity != "info",
        "here": request.path if request else "",
        "csrf_token": context.get("csrf_token"),
    }


def _quiet(silence: Silence) -> Quiet:
    return Quiet(silence.pool_id, silence.code, silence.until)


def _all(request: Any) -> Noticed:
    """Read once for a page, whatever number of findings it has: included templates share nothing but the request."""
    found: Noticed | None = getattr(request, _KEPT, None)
    if found is None:
        known = Acknowledgement.objects.filter(ended_at=None).select_related("by")
        quiet = Silence.objects.in_force(timezone.now()).select_related("by")
        found = {(k.pool_id, k.code): k for k in known}, list(quiet)
        if request is not None:
            setattr(request, _KEPT, found)
    return found
