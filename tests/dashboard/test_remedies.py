"""The button beside a finding: what cannot be done while the master is silent is not offered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from dashboard.templatetags.remedies import remedy
from pools.models import Finding
from pools.rules import CODES
from tests.pools.remembered import remembered
from tests.pools.world import ha_off, master_silent

pytestmark = pytest.mark.django_db


def test_ha_is_turned_on_by_a_button_while_the_master_answers() -> None:
    remembered(ha_off())
    assert "Enable HA…" in remedy(Finding.objects.get(code="ha-off-unwanted"))


def test_while_the_master_is_silent_a_sentence_says_what_comes_first() -> None:
    pool = remembered(ha_off())
    pool.good_at = timezone.now() - timedelta(minutes=1)
    pool.save()
    shown = remedy(Finding.objects.get(code="ha-off-unwanted"))
    assert "Enable HA…" not in shown and "elect another, first" in shown


def test_a_pool_that_had_too_few_hosts_for_ha_loops_once_its_master_is_silent() -> None:
    pool = remembered(ha_off())
    few = Finding(pool=pool, code="ha-too-few-hosts", subject_kind="pool", remedy="add-hosts")
    assert "Add hosts…" in remedy(few)
    pool.good_at = timezone.now() - timedelta(minutes=1)
    pool.save()
    assert "Break the fence loop…" in remedy(few)


def test_electing_needs_no_master() -> None:
    pool = remembered(master_silent(ha_off()), good_at=timezone.now() - timedelta(minutes=10))
    Finding.objects.filter(pool=pool, code="master-unreachable").update(remedy="elect-master")
    assert "Elect a master…" in remedy(Finding.objects.get(code="master-unreachable"))


def test_where_only_a_person_can_judge_the_page_of_the_code_says_what_to_do() -> None:
    pool = remembered(ha_off())
    told = Finding(pool=pool, code="master-suspect", subject_kind="host", subject_name="amber-1")
    assert 'href="/help/rules/master-suspect.md#what-to-do">What to do</a>' in remedy(told)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_page_with_that_heading(code: str) -> None:
    page = Path(settings.BASE_DIR, "docs", "rules", f"{code}.md").read_text(encoding="utf-8")
    assert "\n## What to do\n" in page
