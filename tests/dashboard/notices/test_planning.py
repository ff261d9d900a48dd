"""What is news to a route, as tables of what is open and what it was told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dashboard.notices.planning import news
from dashboard.notices.vocabulary import Estate, Kind, News, Part, Quiet, Told, Trouble, Wish
from dashboard.notices.wording import Message, body_of, digest, title_of
from pools.rules.case import Severity
from tests.pools.world import NOW

AGO = NOW - timedelta(minutes=3)
ALERT = Part(
    pool_id=1,
    pool="amber",
    zone="AMS-1",
    code="cloudstack-alert",
    severity=Severity.CRITICAL,
    says="CloudStack shows amber-2 in Alert.",
    remedy="reenable-host",
    subjects=("amber-2",),
    since=AGO,
)


def told(part: Part, at: datetime = AGO, **changes: Any) -> list[Told]:
    known = Told(part.pool_id, part.pool, part.code, part.severity, part.says, part.subjects, at)
    return [replace(known, shared=part.shared, **changes)]


def of(*troubles: Trouble, **changes: Any) -> Estate:
    """What is open, each of these a trouble of its own."""
    keys = frozenset(part.key for trouble in troubles for part in trouble.parts)
    return replace(Estate(NOW, troubles, keys), **changes)


def estate(*parts: Part, **changes: Any) -> Estate:
    return of(*(Trouble((part,)) for part in parts), **changes)


def tells(estate: Estate, told: Iterable[Told], wish: Wish) -> list[News]:
    return news(estate, told, wish)[0]


def kinds(found: list[News]) -> list[Kind]:
    return [each.kind for each in found if not each.quietly]


class TestATrouble:
    def test_is_told_once(self) -> None:
        assert kinds(tells(estate(ALERT), [], Wish())) == [Kind.NEW]
        assert kinds(tells(estate(ALERT), told(ALERT), Wish())) == []

    def test_waits_a_moment_so_that_what_comes_together_is_one_message(self) -> None:
        fresh = replace(ALERT, since=NOW - timedelta(seconds=1))
        assert kinds(tells(estate(fresh), [], Wish())) == []

    def test_is_told_again_when_it_is_worse(self) -> None:
        before = told(ALERT, severity=Severity.WARNING)
        (found,) = tells(estate(ALERT), before, Wish())
        assert (found.kind, found.was) == (Kind.WORSE, Severity.WARNING)

    def test_is_told_again_when_another_host_has_it_and_not_when_one_fewer_has(self) -> None:
        two = replace(ALERT, subjects=("amber-2", "amber-3"))
        assert kinds(tells(estate(two), told(ALERT), Wish())) == [Kind.WORSE]
        assert kinds(tells(estate(ALERT), told(two), Wish())) == []

    def test_is_told_again_when_what_was_waited_for_did_not_come(self) -> None:
        late = replace(ALERT, remedy="elect-master")
        waited = told(ALERT, remedy="Wait: XenServer elects a new master by itself.")
        (found,) = tells(estate(late), waited, Wish())
        assert (found.kind, found.due) == (Kind.WORSE, True)
        assert title_of(found).startswith("Now due: ")
        assert kinds(tells(estate(late), told(late, remedy="elect-master"), Wish())) == []

    def test_is_told_again_when_a_run_lies_ready_and_names_it(self) -> None:
        ready = replace(ALERT, remedy="elect-master", run=7)
        (found,) = tells(estate(ready), told(ALERT, remedy="elect-master"), Wish())
        assert found.kind is Kind.WORSE
        assert "https://baton.example.org/runs/7/" in body_of(found, NOW, "https://baton.example.org")
        assert kinds(tells(estate(ready), told(ready, remedy="elect-master", run=7), Wish())) == []

    def test_that_is_less_bad_is_no_news(self) -> None:
        mild = replace(ALERT, severity=Severity.WARNING)
        assert kinds(tells(estate(mild), told(ALERT), Wish())) == []

    def test_is_told_as_mended_when_no_captain_shows_it_any_more(self) -> None:
        (found,) = tells(estate(), told(ALERT), Wish())
        assert (found.kind, found.says) == (Kind.MENDED, ALERT.says)

    def test_that_a_run_has_come_to_expect_is_not_mended(self) -> None:
        assert kinds(tells(estate(open=frozenset({ALERT.key})), told(ALERT), Wish())) == []

    def test_that_nobody_was_told_of_is_not_mended_either(self) -> None:
        assert kinds(tells(estate(), [], Wish())) == []


class TestAReminder:
    LONG_AGO = NOW - timedelta(hours=5)

    def test_comes_while_nobody_has_acknowledged(self) -> None:
        assert kinds(tells(estate(ALERT), told(ALERT, self.LONG_AGO), Wish())) == [Kind.STUCK]

    def test_does_not_come_once_somebody_knows(self) -> None:
        known = estate(ALERT, known=frozenset({ALERT.key[:2]}))
        assert kinds(tells(known, told(ALERT, self.LONG_AGO), Wish())) == []

    def test_never_comes_where_none_is_wanted(self) -> None:
        assert kinds(tells(estate(ALERT), told(ALERT, self.LONG_AGO), Wish(remind=None))) == []

    def test_does_not_keep_worse_from_those_who_know(self) -> None:
        known = estate(ALERT, known=frozenset({ALERT.key[:2]}))
        assert kinds(tells(known, told(ALERT, severity=Severity.WARNING), Wish())) == [Kind.WORSE]


class TestARoute:
    @pytest.mark.parametrize(
        ("at_least", "severity", "heard"),
        [
            (Severity.CRITICAL, Severity.WARNING, False),
            (Severity.CRITICAL, Severity.CRITICAL, True),
            (Severity.WARNING, Severity.INFO, False),
            (Severity.INFO, Severity.INFO, True),
        ],
    )
    def test_hears_from_its_severity_on(self, at_least: Severity, severity: Severity, heard: bool) -> None:
        found = tells(estate(replace(ALERT, severity=severity)), [], Wish(at_least=at_least))
        assert bool(kinds(found)) == heard

    @pytest.mark.parametrize(("zones", "heard"), [((), True), (("AMS-1",), True), (("FRA-1",), False)])
    def test_hears_of_its_zones(self, zones: tuple[str, ...], heard: bool) -> None:
        assert bool(kinds(tells(estate(ALERT), [], Wish(zones=frozenset(zones))))) == heard

    def test_learns_quietly_what_it_does_not_want_to_hear(self) -> None:
        (found,) = tells(estate(ALERT), [], Wish(kinds=frozenset({Kind.MENDED})))
        assert found.quietly

    def test_hears_the_worst_first(self) -> None:
        mild = replace(ALERT, code="master-moved", severity=Severity.WARNING)
        assert [n.code for n in tells(estate(mild, ALERT), [], Wish())] == [
            "cloudstack-alert",
            "master-moved",
        ]


class TestASilence:
    @pytest.mark.parametrize(
        ("pool_id", "code", "silent"),
        [
            (None, "", True),
            (1, "", True),
            (1, "cloudstack-alert", True),
            (2, "", False),
            (None, "master-moved", False),
        ],
    )
    def test_covers_its_pool_and_its_code(self, pool_id: int | None, code: str, silent: bool) -> None:
        quiet = (Quiet(pool_id, code, NOW + timedelta(hours=1)),)
        assert (kinds(tells(estate(ALERT, quiet=quiet), [], Wish())) == []) == silent

    def test_of_a_cause_covers_what_goes_with_it_and_nothing_worse(self) -> None:
        mild = replace(ALERT, code="host-disabled", severity=Severity.WARNING)
        quiet = (Quiet(1, "cloudstack-alert", NOW + timedelta(hours=1)),)
        assert tells(of(Trouble((ALERT, mild)), quiet=quiet), [], Wish()) == []
        quiet = (Quiet(1, "host-disabled", NOW + timedelta(hours=1)),)
        (found,) = tells(of(Trouble((mild, ALERT)), quiet=quiet), [], Wish())
        assert found.code == "cloudstack-alert"

    def test_that_is_over_covers_nothing(self) -> None:
        assert kinds(tells(estate(ALERT, quiet=(Quiet(None, "", NOW),)), [], Wish())) == [Kind.NEW]

    def test_keeps_mended_to_itself_but_does_not_forget_it(self) -> None:
        quiet = (Quiet(None, "", NOW + timedelta(hours=1)),)
        (found,) = tells(estate(quiet=quiet), told(ALERT), Wish())
        assert found.quietly


class TestWords:
    def the_news(self, **changes: Any) -> News:
        (found,) = tells(estate(ALERT), [], Wish())
        return replace(found, **changes)

    def test_stand_alone_on_a_lock_screen(self) -> None:
        assert title_of(self.the_news()) == "Critical: amber: cloudstack-alert"
        assert title_of(self.the_news(kind=Kind.WORSE)) == "Worse: Critical: amber: cloudstack-alert"
        assert title_of(self.the_news(kind=Kind.MENDED)) == "Mended: amber: cloudstack-alert"

    def test_say_what_since_when_what_to_do_and_where(self) -> None:
        body = body_of(self.the_news(subjects=("amber-2", "amber-3")), NOW, "https://baton.example.org")
        assert body.splitlines() == [
            "CloudStack shows amber-2 in Alert.",
            "On 2: amber-2, amber-3.",
            f"Since {AGO:%Y-%m-%d %H:%M} UTC (3 min).",
            "To do: the workflow reenable-host.",
            "https://baton.example.org/pools/amber/",
        ]

    def test_of_a_mended_trouble_ask_for_nothing(self) -> None:
        body = body_of(self.the_news(kind=Kind.MENDED), NOW, "")
        assert body == "No longer: CloudStack shows amber-2 in Alert."

    def test_let_no_name_make_up_a_line(self) -> None:
        assert "\n" not in title_of(self.the_news(pool="amber\nCritical: all is lost"))
        forged = self.the_news(
            says="amber-2\nTo do: the workflow wipe-all.\nhttps://evil.example/ is in Alert."
        )
        said = body_of(forged, NOW, "").splitlines()
        assert not [
            line for line in said if line.startswith(("To do: the workflow wipe-all", "https://evil"))
        ]

    def test_of_a_storm_are_one_message_with_the_worst_severity(self) -> None:
        storm = [
            Message("a", "", "warning"),
            Message("b", "", "critical"),
            Message("c", "", "info", mended=True),
        ]
        one = digest(storm)
        assert (one.title, one.severity, one.mended) == ("3 messages from Baton", "critical", False)
        assert one.body == "- a\n- b\n- c"
