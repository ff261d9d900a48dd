"""When a host of a known pool shows a new certificate."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from lab.testing import RunningLab, running_lab
from pools.clients.master import open_session
from pools.connect import endpoint
from pools.models import Pool
from tests.pools.lab import pool_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=1.0) as running:
        yield running


def trust(name: str, *options: str) -> str:
    out = io.StringIO()
    call_command("trust_pool", name, *options, stdout=out)
    return out.getvalue()


def test_a_members_new_certificate_is_learned_from_its_master(lab: RunningLab) -> None:
    pool_of(lab, "amber")
    lab.break_("new-certificate", "amber-3")
    assert lab.fingerprint("amber-3") in trust("amber")
    assert lab.fingerprint("amber-3") in Pool.objects.get().pins
    assert "Nothing new" in trust("amber")


def test_a_masters_new_certificate_is_vouched_for_by_a_person(lab: RunningLab) -> None:
    pool = pool_of(lab, "amber", addresses=[lab.address("amber-1")])
    lab.break_("new-certificate", "amber-1")
    with pytest.raises(CommandError, match="is not trusted"):
        trust("amber")
    trust("amber", "--fingerprint", lab.fingerprint("amber-1"))
    pool.refresh_from_db()
    with open_session(endpoint(pool)) as xapi:
        assert xapi.address == lab.address("amber-1")


def test_an_unknown_pool_is_refused_with_the_names_there_are(lab: RunningLab) -> None:
    pool_of(lab, "amber")
    with pytest.raises(CommandError, match="known: amber"):
        trust("nowhere")


def test_a_pool_that_trusts_an_authority_needs_no_fingerprints(lab: RunningLab) -> None:
    pool_of(lab, "amber", pins=[], ca=lab.certificate("amber-1"))
    with pytest.raises(CommandError, match="not trusted by fingerprints"):
        trust("amber")
