"""The forms that add a pool or a CloudStack: the same checks as the commands, at the field that is to blame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab.testing import RunningLab, running_lab
from pools.forms import CloudStackForm, PoolForm
from pools.models import CloudStack, Pool
from tests.pools.lab import cloudstack_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def the_lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=1.0) as lab:
        yield lab


@pytest.fixture
def lab(the_lab: RunningLab) -> Iterator[RunningLab]:
    yield the_lab
    the_lab.mend()


def pool_form(lab: RunningLab, **changes: Any) -> PoolForm:
    """The form as filled in for amber, with some fields different."""
    data = {
        "name": "amber",
        "addresses": f"{lab.address('amber-1')}, {lab.address('amber-2')}",
        "port": lab.port,
        "user": "root",
        "password": lab.password,
        "fingerprint": lab.fingerprint("amber-1"),
    }
    return PoolForm({**data, **changes})


def test_a_valid_form_stores_the_pool(lab: RunningLab) -> None:
    cloudstack = cloudstack_of(lab)
    form = pool_form(lab, cloudstack=cloudstack.pk, cluster="amber")
    assert form.is_valid(), form.errors
    pool = form.save()
    assert (pool.name, pool.zone, pool.cloudstack) == ("amber", "AMS-1", cloudstack)
    assert pool.password.reveal() == lab.password


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("password", {"password": "wrong"}),
        ("fingerprint", {"fingerprint": ""}),
        ("fingerprint", {"fingerprint": "ab" * 32}),
        ("fingerprint", {"fingerprint": "not hex"}),
        ("port", {"port": 1}),
        ("ca", {"fingerprint": "", "ca": "not a certificate"}),
        ("cluster", {"cluster": "amber"}),
        ("name", {"name": "has blanks"}),
        ("addresses", {"addresses": "127.10.1.1 127.10.2.1"}),
        ("addresses", {"addresses": "no.such.name.invalid"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(
    lab: RunningLab, field: str, changes: dict[str, Any]
) -> None:
    form = pool_form(lab, **changes)
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert not Pool.objects.exists()


def test_the_fingerprint_that_was_seen_is_offered_for_comparison(lab: RunningLab) -> None:
    form = pool_form(lab, fingerprint="")
    assert not form.is_valid()
    assert form.seen_fingerprint == lab.fingerprint("amber-1")


def test_a_form_with_an_error_does_not_show_the_password_again(lab: RunningLab) -> None:
    form = pool_form(lab, cluster="amber", password="a-very-secret-word")
    assert not form.is_valid()
    assert "a-very-secret-word" not in form.as_p()


def test_a_name_that_is_taken_is_refused_without_asking_anybody(lab: RunningLab) -> None:
    assert pool_form(lab).is_valid()
    pool_form(lab).is_valid()
    form = pool_form(lab)
    assert form.is_valid()
    form.save()
    before = len(lab.calls())
    again = pool_form(lab)
    assert list(again.errors) == ["name"]
    assert len(lab.calls()) == before


def test_two_who_add_the_same_pool_at_once_store_it_once(lab: RunningLab) -> None:
    one, other = pool_form(lab), pool_form(lab)
    assert one.is_valid()
    assert other.is_valid()
    one.save()
    with pytest.raises(Exception, match="Somebody has just added"):
        other.save()
    assert Pool.objects.count() == 1


def test_a_cloudstack_is_asked_before_it_is_stored(lab: RunningLab) -> None:
    data = {"name": "lab", "url": lab.cloudstack_url, "api_key": lab.api_key, "secret_key": "wrong"}
    wrong = CloudStackForm(data)
    assert list(wrong.errors) == ["api_key"]
    assert not CloudStack.objects.exists()
    right = CloudStackForm({**data, "secret_key": lab.secret_key})
    assert right.is_valid(), right.errors
    assert right.save().version.startswith("4.")
