"""One message for one trouble, over its life, as ticks find it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from dashboard.notices.planning import HOLD, SETTLES, SHARED_HOLD, news
from dashboard.notices.vocabulary import Estate, Kind, Known, News, Part, Trouble, Wish
from pools.rules.case import Severity
from tests.pools.world import NOW

CRITICAL, WARNING = Severity.CRITICAL, Severity.WARNING
CONSOLE = "the console"


def part(code: str, pool: int = 1, host: str = "", severity: Severity = CRITICAL, **changes: object) -> Part:
    name = f"p{pool}"
    made = Part(pool, name, "", code, severity, f"{code} it is.", "", (host or name,), NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


class Route:
    """One that remembers, and is told at each moment what is open then."""

    def __init__(self, wish: Wish | None = None) -> None:
        self.wish, self.known = wish or Wish(), Known()

    def at(self, after: timedelta, *troubles: Iterable[Part]) -> list[tuple[Kind, str]]:
        return [(each.kind, each.code) for each in self.news(NOW + after, *troubles)]

    def news(self, now: datetime, *troubles: Iterable[Part]) -> list[News]:
        found = tuple(Trouble(tuple(parts)) for parts in troubles)
        keys = frozenset(part.key for trouble in found for part in trouble.parts)
        said, self.known = news(Estate(now, found, keys), self.known.values(), self.wish)
        return [each for each in said if not each.quietly]


MASTER = part("master-unreachable", host="a-1")
LOST = part("cloudstack-alert", host="a-2", follows=True)
LATER = HOLD + timedelta(minutes=2)


class TestAMastersTrouble:
    def test_is_one_message_with_what_follows_and_one_when_all_of_it_is_over(self) -> None:
        route = Route()
        assert route.at(HOLD, [MASTER]) == [(Kind.NEW, "master-unreachable")]
        assert route.at(LATER, [MASTER, LOST]) == []
        more = replace(LOST, subjects=("a-2", "a-3", "a-4"))
        assert route.at(2 * LATER, [MASTER, more]) == []
        assert route.at(3 * LATER, [more]) == [], "CloudStack takes its hosts back by itself"
        assert route.at(3 * LATER + HOLD) == [(Kind.MENDED, "master-unreachable")]
        assert not route.known

    def test_leaves_what_does_not_mend_to_be_told_under_its_own_name(self) -> None:
        route = Route()
        route.at(HOLD, [MASTER])
        route.at(LATER, [MASTER, LOST])
        assert route.at(2 * LATER, [LOST]) == []
        (left,) = route.news(NOW + 2 * LATER + SETTLES, [LOST])
        assert (left.kind, left.code) == (Kind.STUCK, "cloudstack-alert")
        assert [(each.code, each.over) for each in left.beside] == [("master-unreachable", True)]
        assert route.at(3 * LATER + SETTLES) == [(Kind.MENDED, "cloudstack-alert")]

    def test_waits_for_all_of_it_where_no_reminders_are_wanted(self) -> None:
        route = Route(Wish(kinds=frozenset({Kind.NEW, Kind.MENDED})))
        route.at(HOLD, [MASTER])
        route.at(LATER, [MASTER, LOST])
        assert route.at(LATER * 9, [LOST]) == []
        assert route.at(LATER * 10) == [(Kind.MENDED, "master-unreachable")]

    def test_that_comes_back_before_the_rest_was_over_is_told_again(self) -> None:
        route = Route()
        route.at(HOLD, [MASTER])
        route.at(LATER, [MASTER, LOST])
        route.at(2 * LATER, [LOST])
        again = replace(MASTER, since=NOW + 2 * LATER)
        assert route.at(2 * LATER + timedelta(seconds=1), [again, LOST]) == []
        assert route.at(2 * LATER + HOLD, [again, LOST]) == [(Kind.WORSE, "master-unreachable")]

    def test_is_told_when_it_is_found_out_after_what_follows_from_it(self) -> None:
        route = Route()
        assert route.at(HOLD, [LOST]) == [(Kind.NEW, "cloudstack-alert")]
        found = replace(MASTER, since=NOW + LATER)
        assert route.at(LATER + HOLD, [found, LOST]) == [(Kind.WORSE, "master-unreachable")]
        assert route.at(2 * LATER) == [(Kind.MENDED, "master-unreachable")]

    def test_says_nothing_when_only_what_followed_is_over(self) -> None:
        route = Route(Wish(remind=None))
        route.at(HOLD, [MASTER])
        route.at(LATER, [MASTER, LOST])
        assert route.at(2 * LATER, [MASTER]) == []
        assert route.at(2 * LATER + SETTLES, [MASTER]) == []
        assert [told.code for told in route.known.values()] == ["master-unreachable"]

    def test_is_told_again_when_it_is_sure_although_what_follows_was_as_bad_before(self) -> None:
        route = Route()
        perhaps = replace(MASTER, severity=WARNING)
        assert route.at(HOLD, [perhaps, LOST]) == [(Kind.NEW, "master-unreachable")]
        assert route.at(LATER, [MASTER, LOST]) == [(Kind.WORSE, "master-unreachable")]

    def test_that_was_a_suspicion_is_worse_now_and_not_mended(self) -> None:
        route = Route()
        suspect = part("master-suspect", severity=WARNING)
        assert route.at(HOLD, [suspect]) == [(Kind.NEW, "master-suspect")]
        assert route.at(2 * HOLD, [MASTER]) == [(Kind.WORSE, "master-unreachable")]
        assert route.at(3 * HOLD, [suspect]) == []
        assert route.at(4 * HOLD) == [(Kind.MENDED, "master-suspect")]


class TestAHostsTrouble:
    def test_is_one_message_whatever_else_is_true_of_it(self) -> None:
        route = Route()
        dead, alert = part("host-dead", host="a-2"), part("cloudstack-alert", host="a-2")
        (new,) = route.news(NOW + HOLD, [dead, alert])
        assert (new.code, [each.code for each in new.beside]) == ("host-dead", ["cloudstack-alert"])
        assert route.at(LATER, [alert]) == []
        assert route.at(2 * LATER) == [(Kind.MENDED, "host-dead")]

    def test_that_becomes_another_hosts_too_comes_apart_and_is_told(self) -> None:
        route = Route()
        dead, alert = part("host-dead", host="a-2"), part("cloudstack-alert", host="a-2")
        route.at(HOLD, [dead, alert])
        both = replace(alert, subjects=("a-2", "a-3"))
        assert route.at(LATER, [dead], [both]) == [(Kind.WORSE, "cloudstack-alert")]
        assert route.at(2 * LATER, [both]) == [(Kind.MENDED, "host-dead")]
        assert route.at(3 * LATER) == [(Kind.MENDED, "cloudstack-alert")]

    def test_that_is_more_severe_by_what_follows_is_worse(self) -> None:
        route = Route()
        disabled = part("host-disabled", host="a-2", severity=WARNING)
        short = part("ha-plan-short", follows=True)
        assert route.at(HOLD, [disabled]) == [(Kind.NEW, "host-disabled")]
        (worse,) = route.news(NOW + LATER, [disabled, short])
        assert (worse.kind, worse.severity, worse.was) == (Kind.WORSE, CRITICAL, WARNING)

    def test_is_over_for_who_does_not_hear_of_what_is_left(self) -> None:
        route = Route(Wish(at_least=CRITICAL))
        mild = part("certificate-expiring", host="a-2", severity=WARNING)
        assert route.at(HOLD, [part("host-dead", host="a-2"), mild]) == [(Kind.NEW, "host-dead")]
        assert route.at(LATER, [mild]) == [(Kind.MENDED, "host-dead")]
        assert route.at(2 * LATER) == []


class TestWhatPoolsShare:
    def test_waits_until_each_was_looked_at_and_is_one_message(self) -> None:
        route = Route()
        cut = [part("console-cut-off", pool=i, shared=CONSOLE) for i in range(40)]
        stale = [part("facts-stale", pool=i, follows=True) for i in range(40)]
        assert route.at(HOLD, cut[:1]) == []
        (new,) = route.news(NOW + SHARED_HOLD, [*cut[:30], *stale])
        assert (new.code, len(new.pools), [each.code for each in new.beside]) == (
            "console-cut-off",
            30,
            ["facts-stale"],
        )
        assert route.at(LATER, [*cut, *stale]) == []
        assert route.at(2 * LATER, cut[5:]) == []
        (over,) = route.news(NOW + 3 * LATER)
        assert (over.kind, len(over.pools)) == (Kind.MENDED, 40)

    def test_takes_up_what_was_told_of_single_pools_before(self) -> None:
        route = Route()
        suspects = [[part("master-suspect", pool=i, severity=WARNING)] for i in (1, 2)]
        assert len(route.at(HOLD, suspects[0])) == 1
        route.at(2 * HOLD, *suspects)
        cut = [part("console-cut-off", pool=i, shared=CONSOLE) for i in (1, 2, 3)]
        assert route.at(SHARED_HOLD, cut) == [(Kind.WORSE, "console-cut-off")]
        first = part("console-cut-off", pool=0, shared=CONSOLE)
        assert route.at(LATER, [first, *cut]) == [], "whichever pool is named first"
        assert len(route.at(2 * LATER)) == 1

    def test_is_told_although_each_masters_silence_was_told_as_just_as_bad(self) -> None:
        route = Route()
        assert route.at(HOLD, [MASTER]) == [(Kind.NEW, "master-unreachable")]
        cut = [part("console-cut-off", pool=i, shared=CONSOLE) for i in (1, 2, 3)]
        assert route.at(2 * HOLD, cut) == [], "each pool is looked at first"
        assert route.at(SHARED_HOLD, cut) == [(Kind.WORSE, "console-cut-off")]
        assert len(route.at(LATER)) == 1

    def test_is_waited_for_where_several_masters_fall_silent_together(self) -> None:
        route = Route()
        silent = [[part("master-unreachable", pool=i)] for i in (1, 2)]
        assert route.at(HOLD, *silent) == []
        assert len(route.at(SHARED_HOLD, *silent)) == 2

    def test_leaves_a_master_that_stays_silent_to_be_told_by_itself(self) -> None:
        route = Route()
        route.at(SHARED_HOLD, [part("console-cut-off", pool=i, shared=CONSOLE) for i in (1, 2)])
        dead = replace(MASTER, since=NOW + LATER)
        assert route.at(LATER + HOLD, [dead]) == [
            (Kind.NEW, "master-unreachable"),
            (Kind.MENDED, "console-cut-off"),
        ]
