"""The page that starts a run: the catalogue, the form for one workflow, and the plan that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dashboard.people import requires
from pools.facts import Facts
from pools.models import Pool
from workflows.catalogue import WORKFLOWS
from workflows.engine.situation import with_known
from workflows.engine.step import Workflow
from workflows.models import Run
from workflows.pages.comparison import comparison
from workflows.pages.draft import Draft, draft, takes
from workflows.pages.face import MAY_START, SignedIn
from workflows.pages.meeting import LOGIN_FIELDS, login_of, meet, needs_login
from workflows.running import choices
from workflows.running.newcomers import Credentials, keep

SPELLED = {"ha": "HA", "vms": "VMs", "reenable": "re-enable"}
"""Words of a slug that are written otherwise."""
FORM = {"workflow", "pool", "reason", "csrfmiddlewaretoken", *LOGIN_FIELDS}
"""Fields of the form beside the workflow's inputs."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalogue."""

    workflow: Workflow
    href: str

    @property
    def name(self) -> str:
        return title_of(self.workflow)


@require_http_methods(["GET", "POST"])
@requires(MAY_START)
def new(request: HttpRequest) -> HttpResponse:
    """GET shows the catalogue and the form that the query string asks for; POST makes the plan."""
    given = _given(request.POST if request.method == "POST" else request.GET)
    made = _context(given)
    if request.method == "POST":
        run, refused, made = _posted(cast("SignedIn", request), given, made)
        if run:
            return redirect("workflows:run", run.pk)
        return render(request, "workflows/start/page.html", {**made, "refused": refused}, status=409)
    return render(request, "workflows/start/page.html", made)


def _given(sent: QueryDict) -> dict[str, str]:
    """What the form says, without its passwords; several values of one field by commas."""
    told = ((key, values) for key, values in sent.lists() if key not in LOGIN_FIELDS)
    return {key: ",".join(v for v in map(str, values) if v) for key, values in told}


def title_of(workflow: Workflow) -> str:
    """A workflow's name without a host or a pool: `Remove master`."""
    words = [SPELLED.get(word, word) for word in workflow.slug.split("-")]
    return words[0][:1].upper() + " ".join(words)[1:]


def _posted(
    request: SignedIn, given: dict[str, str], made: dict[str, Any]
) -> tuple[Run | None, str, dict[str, Any]]:
    """The run, or the reason why there is none; and what the page shows then."""
    if strange := _strange(made["workflow"], request.POST):
        return None, strange, made
    if made["closed"] or not needs_login(made["workflow"]):
        return *_plan(request, made), made
    login = login_of(request.POST)
    if login is None:
        return None, "Their root login: a user and a password are needed.", made
    met = meet(made["pool"], made["facts"], given, login)
    seen = _context(met.given, met.facts)
    run, refused = _plan(request, seen, login)
    return run, refused, {**seen, "closed": made["closed"]}  # so that it can be mended, and sent again


def _plan(
    request: SignedIn, made: Mapping[str, Any], login: Credentials | None = None
) -> tuple[Run | None, str]:
    if made["closed"]:
        return None, " ".join(made["closed"])
    try:
        with transaction.atomic():
            run = choices.plan_run(
                made["workflow"],
                made["pool"],
                made["draft"].inputs,
                request.user,
                made["facts"],
                note=made["reason"],
            )
            if login:
                keep(run, login)
    except choices.NotNow as no:
        return None, str(no)
    return run, ""


def _context(given: Mapping[str, str], met: Facts | None = None) -> dict[str, Any]:
    workflow = WORKFLOWS.get(given.get("workflow", ""))
    pool = Pool.objects.filter(name=given.get("pool", "")).first()
    facts = met or (pool.last_facts() if pool else None)
    known = facts if facts is None or pool is None else with_known(facts, pool.last_good_facts())
    made = draft(workflow, facts, given, known) if workflow and facts else None
    return {
        "shelf": () if workflow else _shelf(given),
        "workflow": workflow,
        "name": title_of(workflow) if workflow else "",
        "pools": Pool.objects.all(),
        "pool": pool,
        "facts": facts,
        "draft": made,
        "takes": takes(workflow, facts, made.inputs, known) if workflow and facts and made else None,
        "approvals": pool.approvals_needed if pool else 0,
        "reason": given.get("reason", "").strip(),
        "compared": comparison(met),
        "closed": _closed(pool, facts, made, workflow) if workflow else ["Choose first what is to be done."],
    }


def _strange(workflow: Workflow | None, sent: Mapping[str, Any]) -> str:
    """A field that this form does not have: whoever sent it means something that would not be done."""
    names = {wanted.name for wanted in workflow.inputs} if workflow else set()
    strange = sorted(set(sent) - names - FORM)
    return f"“{strange[0][:60]}” is no input of this workflow." if strange else ""


def _shelf(given: Mapping[str, str]) -> list[tuple[str, list[Entry]]]:
    """The catalogue by family, in the order in which families appear in it. Links keep the pool and the host."""
    keep = {key: given[key] for key in ("pool", "host") if given.get(key)}
    families = list(dict.fromkeys(w.family for w in WORKFLOWS.values()))
    ordered = sorted((w for w in WORKFLOWS.values() if w.listed), key=lambda w: families.index(w.family))
    address = reverse("workflows:new")
    return [
        (family, [Entry(w, f"{address}?{urlencode({'workflow': w.slug, **keep})}") for w in group])
        for family, group in groupby(ordered, key=lambda w: w.family)
    ]


def _closed(pool: Pool | None, facts: Facts | None, made: Draft | None, workflow: Workflow) -> list[str]:
    """Why no plan can be made now, each reason with what to do about it."""
    if pool is None:
        return ["Choose a pool first."]
    if facts is None or made is None:
        return [f"{pool.name} has not been looked at yet. Wait a few seconds, then load this page again."]
    if facts.pool is None and not workflow.without_master:
        trouble = facts.pool_trouble
        return [
            f"{pool.name} cannot be read now, so nothing can be planned. {trouble.says if trouble else ''}"
        ]
    return list(made.problems)
