"""A run that is done says what its pool still wants, so that nobody takes "done" for "well"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pools.models import Finding
from workflows.models import Run

SignIn = Callable[[str], Client]


@pytest.fixture
def page(asked: Run, sign_in: SignIn) -> Callable[..., str]:
    """The page of a run that is done, beside one finding of its pool."""

    def read(**fields: Any) -> str:
        now = timezone.now()
        about = {
            "severity": "critical",
            "code": "host-dead",
            "says": "XenServer says that amber-1 is dead. Go.",
        }
        Finding.objects.create(pool=asked.pool, since=now, seen_at=now, **{**about, **fields})
        Run.objects.filter(pk=asked.pk).update(state="done")
        return sign_in("bo").get(f"/runs/{asked.pk}/").content.decode()

    return read


def test_what_is_left_in_the_pool_is_named(page: Callable[..., str]) -> None:
    told = page()
    assert "Still to do in amber" in told and "<li>XenServer says that amber-1 is dead</li>" in told


@pytest.mark.parametrize("fields", [{"severity": "info"}, {"expected_by": 7}, {"closed_at": timezone.now()}])
def test_notes_and_what_is_mended_are_not(page: Callable[..., str], fields: dict[str, Any]) -> None:
    assert "Still to do" not in page(**fields)
