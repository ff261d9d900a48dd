"""The form that takes in new hosts: a person compares their certificates, and nobody sees their password."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from lab.testing import RunningLab, running_lab
from pools import watching
from pools.models import Pool
from tests.pools.lab import pool_of
from workflows.models import Login, Run

SignIn = Callable[[str], Client]
NEW = "/runs/new/"


@pytest.fixture
def lab(broker: str) -> Iterator[RunningLab]:
    with running_lab("strangers", speed=50) as lab:
        yield lab


@pytest.fixture
def amber(lab: RunningLab, transactional_db: None) -> Pool:
    pool = pool_of(lab, "amber", cloudstack=None)
    assert watching.watch(pool.pk)
    return pool


def form(strangers: str, **more: str) -> dict[str, str]:
    return {"workflow": "add-hosts", "pool": "amber", "strangers": strangers, "login_user": "root", **more}


def test_a_fingerprint_is_shown_first_and_the_plan_is_made_when_it_was_sent_back(
    sign_in: SignIn, lab: RunningLab, amber: Pool
) -> None:
    bo, address = sign_in("bo"), lab.address("birch-1")
    first = bo.post(NEW, form(address, login_password=lab.password))
    page = first.content.decode()
    assert first.status_code == 409
    shown = re.search(rf"{address} ([0-9a-f]{{64}})</textarea>", page)
    assert shown and shown[1] == lab.fingerprint("birch-1")
    assert "Compare it on the machine itself" in page
    assert lab.password not in page and not Run.objects.exists()

    second = bo.post(NEW, form(f"{address} {shown[1]}", login_password=lab.password))
    assert second.status_code == 302
    run = Run.objects.get()
    assert run.inputs == {"strangers": f"{address} {shown[1]}"}
    assert Login.objects.get().password.reveal() == lab.password
    planned = bo.get(second.headers["Location"]).content.decode()
    assert "Join birch-1 to the pool" in planned
    assert "$POOL_PASSWORD" in planned and lab.password not in planned


def test_the_form_can_be_sent_before_anybody_has_written_into_it(sign_in: SignIn, amber: Pool) -> None:
    """Without JavaScript nothing on the page changes while one writes: the button has to be there from the start."""
    page = sign_in("bo").get(NEW, {"workflow": "add-hosts", "pool": "amber"}).content.decode()
    assert re.search(r'<button class="btn btn-primary" type="submit"[^>]*>Show the plan', page)


def test_who_differs_is_a_table_beside_the_master(sign_in: SignIn, lab: RunningLab, amber: Pool) -> None:
    both = "\n".join(f"{lab.address(n)} {lab.fingerprint(n)}" for n in ("birch-1", "birch-2"))
    page = sign_in("bo").post(NEW, form(both, login_password=lab.password)).content.decode()
    assert page.count("can join</span>") == 1 and "cannot join: 2 reasons" in page
    assert re.search(r"refused</b> <span>8\.2\.0</span><span class=\"sub\"><code>HOSTS_NOT_HOMOGENEOUS", page)


def test_without_a_password_nobody_is_asked(sign_in: SignIn, lab: RunningLab, amber: Pool) -> None:
    lab.do(lambda world: world.calls.clear())
    answer = sign_in("bo").post(NEW, form(lab.address("birch-1")))
    assert answer.status_code == 409
    assert "a user and a password are needed" in answer.content.decode()
    assert lab.calls() == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("10.0.0.1 and another", "not an address with at most a fingerprint"),
        ("::::", "neither a host’s name nor its address"),
        ("http://10.0.0.1/", "neither a host’s name nor its address"),
    ],
)
def test_what_is_no_address_is_said_before_anybody_is_asked(
    sign_in: SignIn, lab: RunningLab, amber: Pool, written: str, said: str
) -> None:
    answer = sign_in("bo").post(NEW, form(written, login_password="x"))
    assert answer.status_code == 409
    assert said in answer.content.decode()


def test_the_password_is_never_part_of_an_address(sign_in: SignIn, lab: RunningLab, amber: Pool) -> None:
    """What the page loads anew while somebody types leaves the login out."""
    page = sign_in("bo").get(NEW, {"workflow": "build-cluster", "pool": "amber"}).content.decode()
    assert 'type="password" name="login_password"' in page
    loads = re.findall(r"<[^>]*hx-include=\"closest form\"[^>]*>", page)
    assert loads
    assert all("login_password" in tag or 'hx-params="workflow,pool,reason"' in tag for tag in loads)
