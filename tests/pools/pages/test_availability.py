"""Who was there when, and who was the master: told from what was seen, and nothing claimed when nobody looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from pools.facts import PoolFacts
from pools.pages.availability import Row, looked_at, reigns, rows, ticks
from tests.pools.world import NOW, amber

START = NOW - timedelta(hours=1)
SPAN = (START, NOW)
ALL = [SPAN]


@dataclass
class Entry:
    at: datetime
    kind: str
    before: str
    after: str
    subject: str = "amber-2"
    subject_uuid: str = "amber-2"


@dataclass
class Handover:
    at: datetime
    before: str
    after: str
    run: int | None = None
    seen_until: datetime | None = None


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def pool(**changes: object) -> PoolFacts:
    facts = amber().with_host("amber-2", **changes).pool
    assert facts
    return facts


def row(name: str, found: tuple[Row, ...]) -> Row:
    return next(r for r in found if r.name == name)


def states(found: Row) -> list[str]:
    return [piece.state for piece in found.pieces]


def test_a_pool_in_which_nothing_happened_was_there_all_the_time() -> None:
    found = rows(pool(), [], ALL, SPAN, answers=True)
    assert [(r.share, states(r)) for r in found] == [(100, ["ok"])] * 5
    assert all(r.quiet for r in found)
    assert [r.name for r in found if r.is_master] == ["amber-1"]


def test_a_host_is_drawn_backwards_from_what_is_so_now() -> None:
    entries = [
        Entry(ago(45), "live", "live", "dead"),
        Entry(ago(30), "live", "dead", "live"),
        Entry(ago(30), "enabled", "enabled", "disabled"),
        Entry(ago(15), "enabled", "disabled", "enabled"),
    ]
    host = row("amber-2", rows(pool(), entries, ALL, SPAN, answers=True))
    assert states(host) == ["ok", "dead", "disabled", "ok"]
    assert [round(p.width) for p in host.pieces] == [250, 250, 250, 250]
    assert host.share == 50 and not host.quiet
    assert "dead from 22 Nov 02:15:00 to 02:30:00 UTC" in host.label


def test_who_had_trouble_comes_first_after_the_pool() -> None:
    found = rows(pool(enabled=False), [], ALL, SPAN, answers=True)
    assert [r.name for r in found[:2]] == ["pool amber", "amber-2"]


def test_a_gap_counts_neither_for_nor_against_a_host() -> None:
    looked = [(START, ago(40)), (ago(20), NOW)]
    entries = [Entry(ago(20), "enabled", "enabled", "disabled")]
    host = row("amber-2", rows(pool(enabled=False), entries, looked, SPAN, answers=True))
    assert states(host) == ["ok", "gap", "disabled"]
    assert host.share == 50


def test_while_the_master_is_silent_nothing_is_known_of_the_hosts() -> None:
    entries = [Entry(ago(30), "answers", "answers", "timeout", "XenServer", "")]
    found = rows(pool(), entries, ALL, SPAN, answers=False)
    assert states(row("amber-2", found)) == ["ok", "silent"]
    assert row("amber-2", found).share == 100
    assert found[0].share == 50, "the pool itself was not there"


def test_a_silence_that_is_over_and_one_of_cloudstack() -> None:
    entries = [
        Entry(ago(50), "answers", "answers", "timeout", "CloudStack", ""),
        Entry(ago(40), "answers", "answers", "timeout", "XenServer", ""),
        Entry(ago(30), "answers", "timeout", "answers", "XenServer", ""),
    ]
    assert states(rows(pool(), entries, ALL, SPAN, answers=True)[0]) == ["ok", "silent", "ok"]


def test_who_was_well_whenever_somebody_looked_was_so_all_of_that_time() -> None:
    """Three stretches of odd lengths: their sum is the whole, to the microsecond."""
    cuts = [START, ago(41.1234567), ago(33.3333333), ago(17.7654321), ago(7.1), NOW]
    looked = list(zip(cuts[::2], cuts[1::2], strict=True))
    assert {r.share for r in rows(pool(), [], looked, SPAN, answers=True)} == {100}


def test_before_it_joined_a_host_is_not_counted() -> None:
    host = row("amber-2", rows(pool(), [Entry(ago(15), "member", "", "member")], ALL, SPAN, answers=True))
    assert states(host) == ["absent", "ok"] and host.share == 100


def test_where_nobody_ever_looked_nothing_is_known() -> None:
    found = rows(pool(), [], [], SPAN, answers=True)
    assert {r.share for r in found} == {None}
    assert "nothing is known" in found[0].label


def test_a_minute_of_a_day_is_not_rounded_away() -> None:
    day = (NOW - timedelta(days=1), NOW)
    entries = [
        Entry(ago(10), "enabled", "enabled", "disabled"),
        Entry(ago(9.9), "enabled", "disabled", "enabled"),
    ]
    host = row("amber-2", rows(pool(), entries, [day], day, answers=True))
    assert host.share == 99.9 and host.pieces[1].width >= 2


@pytest.mark.parametrize(
    ("moments", "last", "seen"),
    [
        ([], NOW, []),
        ([(START, ago(30)), (ago(29), ago(1))], NOW, [SPAN]),
        ([(START, ago(30)), (ago(27), NOW)], NOW, [(START, ago(30)), (ago(27), NOW)]),
        ([(START - timedelta(hours=2), ago(30))], ago(30), [(START, ago(30))]),
        ([(START - timedelta(hours=2), START - timedelta(hours=1))], None, []),
    ],
    ids=["never", "all the time", "a pause", "until it stopped", "long ago"],
)
def test_when_somebody_looked(
    moments: list[tuple[datetime, datetime]], last: datetime | None, seen: list[tuple[datetime, datetime]]
) -> None:
    assert looked_at(moments, SPAN, last) == seen


def test_the_axis_has_times_or_days() -> None:
    assert [t.shown for t in ticks(SPAN)] == ["02:00", "02:15", "02:30", "02:45", "03:00"]
    assert ticks((NOW - timedelta(days=8), NOW))[0].shown == "14 Nov"


def test_masters_one_after_the_other() -> None:
    told = reigns(
        [
            Handover(ago(10), "amber-2", "amber-1", run=7, seen_until=ago(10.2)),
            Handover(ago(50), "amber-3", "amber-2", seen_until=ago(90)),
        ],
        "amber-1",
    )
    assert [(r.host, r.since, r.until, r.run) for r in told] == [
        ("amber-1", ago(10), None, 7),
        ("amber-2", ago(50), ago(10), None),
        ("amber-3", None, ago(50), None),
    ]
    assert [r.not_before for r in told] == [None, ago(90), None], (
        "nobody looked for 40 min before the older one"
    )


def test_a_master_that_never_changed() -> None:
    assert [(r.host, r.since) for r in reigns([], "amber-1")] == [("amber-1", None)]
