"""Runs on other rooms' pages: a pool's page shows its latest without knowing what a run is."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from pools.models import Pool
from workflows.models import Run
from workflows.pages.strips import line, wanted

register = template.Library()

LATEST = 5


@register.inclusion_tag("workflows/_latest.html", takes_context=True)
def runs_of(context: Context, pool: Pool) -> dict[str, Any]:
    """The pool's latest runs, newest first."""
    person = context["request"].user
    return {
        "rows": [line(run, person) for run in wanted(Run.objects.filter(pool=pool))[:LATEST]],
        "pool": pool,
    }
