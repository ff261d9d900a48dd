"""The repeated bits of markup: right words for ages, and nothing hostile gets through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import timezone

from dashboard.glyphs import host_row, label, odd_row
from dashboard.templatetags.ui import ago, clipped, span, told
from pools.captains import Word
from pools.rules import words
from pools.summary import Member

EVIL = "<script>alert(1)</script>\"'"


def render(text: str, **values: Any) -> str:
    return Template("{% load ui %}" + text).render(Context(values))


def member(name: str = "amber-1", xen: str = "ok", cs: str = "ok", master: bool = False) -> Member:
    return Member(name, "10.0.0.1", f"h-{name}", master, Word(xen, f"{xen}!"), Word(cs, f"{cs}!"))


@pytest.mark.parametrize(
    "text",
    [
        "{% mark evil %}",
        "{% mark 'ok' evil %}",
        "{% badge evil %}",
        "{% badge 'ok' evil %}",
        "{% icon evil %}",
        "{% risk evil %}",
        "{% hosts members %}",
        "{% diff changes %}",
        "{% calls calls %}",
    ],
)
def test_what_others_say_stays_text(text: str) -> None:
    change = {"system": EVIL, "what": EVIL, "field": EVIL, "before": EVIL, "after": EVIL, "sign": "~"}
    call = {"system": EVIL, "request": EVIL, "by_hand": EVIL}
    page = render(text, evil=EVIL, members=[member(EVIL, cs="critical")], changes=[change], calls=[call])
    assert "<script" not in page
    assert 'alert(1)</script>"' not in page
    assert "&lt;script&gt;" in page


def test_a_mark_has_a_word_and_a_shape() -> None:
    page = render("{% mark 'critical' %}")
    assert "Critical" in page and "#i-crit" in page and "is-crit" in page


def test_a_mark_without_a_visible_word_still_says_it() -> None:
    assert '<span class="vh">Critical</span>' in render("{% mark 'critical' class='only' %}")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (119, "1 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
    ],
)
def test_a_length_of_time_is_told_in_its_largest_unit(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_a_moment_gives_the_exact_time_on_hover() -> None:
    page = ago(datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC))
    assert 'title="2026-11-22 03:04:05 UTC"' in page
    assert 'datetime="2026-11-22T03:04:05+00:00"' in page


def test_what_never_happened_is_said_so() -> None:
    assert "never" in ago(None) and "never" in ago("")


def test_an_age_stands_out_once_it_is_too_old() -> None:
    now = timezone.now()
    assert 'class="old"' in ago(now - timedelta(seconds=31), stale=30)
    assert 'class="old"' not in ago(now - timedelta(seconds=29), stale=30)
    assert "data-stale" not in ago(now)


@pytest.mark.parametrize(
    ("level", "word"), [("none", "reads only"), ("low", "low"), ("high", "high"), ("final", "final")]
)
def test_a_risk_is_bars_and_a_word(level: str, word: str) -> None:
    page = render("{% risk level %}", level=level)
    assert word in page
    assert page.count("<rect") == (4 if level == "final" else 3)


def test_a_difference_is_closed_by_its_tally() -> None:
    change = {"system": "XenServer", "what": "amber", "field": "HA", "before": "on", "after": "off"}
    page = render("{% diff changes %}", changes=[{**change, "sign": s} for s in "~~+"])
    assert "<b>2</b> changes" in page and "<b>1</b> addition" in page and "removal" not in page


def test_objects_and_their_json_are_shown_alike() -> None:
    plain = {"system": "XenServer", "request": "pool.disable_ha", "by_hand": "xe pool-ha-disable"}
    thing = SimpleNamespace(**plain)
    thing.__slots__ = tuple(plain)
    assert render("{% calls c %}", c=[plain]) == render("{% calls c %}", c=[thing])


def test_each_half_of_a_host_has_its_own_face() -> None:
    page = host_row([member(xen="warning", cs="critical")])
    assert "g-warn" in page and "g-crit" in page and "g-well" not in page


def test_the_crown_stands_on_the_master_alone() -> None:
    page = host_row([member("a", master=True), member("b")])
    assert page.count("g-crown") == 1


def test_the_drawing_is_told_in_words_and_only_the_odd_ones_by_name() -> None:
    rows = [member("a"), member("b", xen="warning", cs="critical"), member("c", cs="absent")]
    assert label(rows) == "3 hosts; b: warning!, critical! in CloudStack"
    assert label(rows[:1]) == "1 host, all well"


def test_in_long_lists_only_odd_hosts_are_drawn() -> None:
    well = [member(str(i)) for i in range(4)]
    assert odd_row(well) == '<span class="dim">4 well</span>'
    mixed = odd_row([*well, member("x", cs="critical")])
    assert "+ 4" in mixed and mixed.count("g-crit") == 1 and "g-well" in mixed


def test_a_pool_of_which_nothing_is_known_has_no_drawing() -> None:
    assert "svg" not in host_row([]) and "svg" not in odd_row([])


class TestMomentsInSentences:
    def test_a_moment_is_marked_for_the_readers_own_clock_with_utc_on_hover(self) -> None:
        assert told("It fenced itself at 2026-11-22 03:04:05 UTC.") == (
            'It fenced itself at <time datetime="2026-11-22T03:04:05+00:00" title="2026-11-22 03:04:05 UTC" '
            "data-clock>2026-11-22 03:04:05 UTC</time>."
        )

    def test_minutes_are_enough_and_no_such_day_stays_text(self) -> None:
        assert 'datetime="2026-11-22T03:04:00+00:00"' in told("until 2026-11-22 03:04 UTC")
        assert told("on 2026-02-30 03:04 UTC") == "on 2026-02-30 03:04 UTC"

    def test_a_hostile_sentence_stays_text(self) -> None:
        assert told("<script>") == "&lt;script&gt;"

    def test_what_a_rule_writes_is_found(self) -> None:
        assert "data-clock" in told(words.clock(datetime(2026, 11, 22, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("amber-2 is dead", "amber-2 is dead"),
        ("HA is off in amber since 2026-11-22 03:00:00 UTC", "HA is off in amber since…"),
        (
            "CloudStack shows amber-2 and amber-3 in Alert since then",
            "CloudStack shows amber-2 and amber-3 in…",
        ),
        ("x" * 60, "x" * 43 + "…"),
    ],
)
def test_what_is_clipped_ends_between_words_and_never_within_a_moment(text: str, said: str) -> None:
    assert clipped(text, 44) == said
    assert len(said) <= 44
