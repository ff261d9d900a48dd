"""Old tabs, double clicks, nonsense and malice: a clear refusal, never a fault, and nothing is done or sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models import ProtectedError
from django.test import Client
from django.urls import URLPattern, reverse

from pools.models import Pool
from tests.workflows.pages import standing
from workflows.catalogue import WORKFLOWS
from workflows.models import Approval, Attempt, Glass, Run
from workflows.urls import urlpatterns

SignIn = Callable[[str], Client]

EVIL = '"><script>alert(1)</script>{{ 7|add:7 }}\u202e'
READ = ("run", "fragment", "report", "report-json", "report-file")
ACTS = [
    str(p.name)
    for p in urlpatterns
    if isinstance(p, URLPattern) and str(p.pattern).startswith("runs/<int:pk>/") and p.name not in READ
]
FIELDS = (
    "index",
    "digest",
    "typed",
    "reason",
    "note",
    "vote",
    "comment",
    "fingerprint",
    "minutes",
    "where",
    "glass",
    "words",
    "pay",
    "in-host",
    "in-successor",
    "in-evil",
)
SENT: dict[str, dict[str, str]] = {
    "approval": dict.fromkeys(FIELDS, EVIL),
    "failed": dict.fromkeys(FIELDS, EVIL),
}
"""What is sent in which state; nothing at all in the others."""
HARMLESS = {
    "take-over",
    "rehearse",
    "ask",
    "abort",
    "undo",
    "retry",
    "start",
    "pause",
    "go-on",
    "skip",
    "it-happened",
    "it-did-not",
    "go-on-alone",
}
"""They take few or no words, so that evil ones may be as good as any: then the words are only kept."""


@pytest.fixture(params=["approval", "confirm", "failed", "done"])
def run(request: pytest.FixtureRequest, asked: Run) -> Run:
    """A run in every kind of state."""
    state = request.param
    if state in ("planned", "approval", "done"):
        Run.objects.filter(pk=asked.pk).update(state=state)
        return Run.objects.get(pk=asked.pk)
    return standing.stand(asked, "DesignateMaster", state, state, standing.now())


def test_no_act_takes_nonsense(sign_in: SignIn, run: Run) -> None:
    client, before = sign_in("dee"), run.state
    for act in ACTS:
        answer = client.post(reverse(f"workflows:{act}", args=[run.pk]), SENT.get(before, {}))
        assert answer.status_code in (302, 409), (act, answer.status_code)
        assert EVIL not in answer.content.decode()
        if act not in HARMLESS:
            assert Run.objects.get(pk=run.pk).state == before, act
        Run.objects.filter(pk=run.pk).update(state=before, holds_pool=run.holds_pool, index=run.index)
    assert not Attempt.objects.exists()
    assert not Approval.objects.exists()
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "<script>alert" not in page


def test_every_act_is_by_post_and_about_a_run_that_exists(sign_in: SignIn, plan: Run) -> None:
    dee, cy = sign_in("dee"), sign_in("cy")
    for act in ACTS:
        for number in (10**6, 10**30):
            assert dee.post(reverse(f"workflows:{act}", args=[number])).status_code == 404
        address = reverse(f"workflows:{act}", args=[plan.pk])
        assert dee.get(address).status_code == (200 if act == "abort" else 405)
        assert cy.post(address).status_code == 403


@pytest.mark.parametrize("slug", [slug for slug, workflow in WORKFLOWS.items() if workflow.inputs])
def test_no_workflow_takes_nonsense_for_an_input(sign_in: SignIn, pool: Pool, slug: str) -> None:
    bo, names = sign_in("bo"), [wanted.name for wanted in WORKFLOWS[slug].inputs]
    for value in (EVIL, "-1", "9" * 5000, "h-basalt-1", "٣"):
        sent = {"workflow": slug, "pool": pool.name, "reason": EVIL, **dict.fromkeys(names, value)}
        answer = bo.post("/runs/new/", sent)
        assert answer.status_code == 409, value[:20]
        assert "<script>alert" not in answer.content.decode()
    assert not Run.objects.exists()


def test_a_field_that_the_form_does_not_have_is_refused(sign_in: SignIn, pool: Pool) -> None:
    sent = {"workflow": "disable-ha", "pool": pool.name, "wish": "for-now", "force": "yes"}
    answer = sign_in("bo").post("/runs/new/", sent)
    assert answer.status_code == 409
    assert "“force” is no input of this workflow." in answer.content.decode()
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"abc"),
        ("application/x-www-form-urlencoded", b"reason=" + b"x" * 3_000_000),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % i for i in range(1200))),
    ],
)
def test_what_is_no_form_of_ours_is_refused_in_words(sign_in: SignIn, kind: str, body: bytes) -> None:
    answer = sign_in("bo").post("/runs/new/", body, content_type=kind)
    assert answer.status_code == 400
    assert "Nothing was done" in answer.content.decode()


@pytest.mark.parametrize("path", ["/runs/", "/runs/new/", "/approvals/", "/timeline/", "/"])
def test_no_list_takes_nonsense_for_a_filter(sign_in: SignIn, plan: Run, path: str) -> None:
    names = ("q", "state", "pool", "workflow", "page", "zone", "source", "host")
    for value in (EVIL, "-1", "9" * 500):
        answer = sign_in("bo").get(path, dict.fromkeys(names, value))
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()
    assert sign_in("bo").get(path, {"q": "a\0b"}).status_code == 400
    assert sign_in("bo").post("/runs/new/", {"reason": "a\0b"}).status_code == 400


def test_a_pool_that_runs_were_made_on_is_not_deleted_under_them(plan: Run, pool: Pool) -> None:
    with pytest.raises(ProtectedError):
        pool.delete()


def test_a_run_whose_pool_was_never_seen_again_can_still_be_read(sign_in: SignIn, run: Run) -> None:
    Pool.objects.update(facts=None, good_facts=None, looked_at=None)
    client = sign_in("dee")
    assert client.get(f"/runs/{run.pk}/").status_code == 200
    assert client.get(f"/runs/{run.pk}/abort/").status_code in (200, 302)
    assert client.post(f"/runs/{run.pk}/rehearse").status_code == 409


def test_a_run_of_a_workflow_that_is_gone_can_still_be_read_and_ended(sign_in: SignIn, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(workflow="of-another-release")
    client = sign_in("dee")
    assert client.get(f"/runs/{run.pk}/").status_code == 200
    assert client.get(f"/runs/{run.pk}/report").status_code == 200
    for act in ("ask", "start", "rehearse", "correct", "go-on-alone"):
        answer = client.post(f"/runs/{run.pk}/{act}", {"reason": "x", "in-host": "h-amber-2"})
        assert answer.status_code in (302, 409)
    assert not Glass.objects.filter(run__state="starting").exists()
