"""The drawings: the pool between its captains and its storage, who acts first, and what happened when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from pools import captains
from pools.facts import Facts, Sr
from pools.pages.clocks import clocks
from pools.pages.drawing import Drawing, drawing
from pools.pages.happenings import LANES, happenings, lane_of
from pools.pages.now import lines
from pools.pages.storage import storages
from pools.pages.strip import LEFT, RIGHT, Strip, strip
from pools.rules import CODES
from pools.timing import timing
from tests.pools.world import NOW, amber, crashed, ha_off, master_silent, policy, unplugged


def drawn(facts: Facts) -> Drawing:
    return drawing(facts, captains.rows(facts, amber(), ()))


class TestThePool:
    def test_hosts_stand_side_by_side_between_cloudstack_and_storage(self) -> None:
        found = drawn(amber())
        assert [box.row.name for box in found.boxes] == ["amber-1", "amber-2", "amber-3", "amber-4"]
        assert len({box.x for box in found.boxes}) == 4
        assert all(box.x + 184 <= found.width for box in found.boxes)
        assert [rail.name for rail in found.rails] == ["nfs-hb", "iscsi-1"]
        assert all(rail.y + 34 <= found.height for rail in found.rails)

    def test_the_heartbeat_is_named_while_ha_is_on(self) -> None:
        assert drawn(amber()).rails[0].says == "heartbeat, attached on 4 of 4 hosts"
        assert drawn(ha_off()).rails[0].says == "attached on 4 of 4 hosts"

    def test_a_broken_link_is_drawn_at_the_break(self) -> None:
        second = drawn(crashed()).boxes[1]
        assert (second.up, second.broken, second.odd) == ("link-crit", "Alert", True)

    def test_an_unplugged_cable_is_drawn_at_its_host_alone(self) -> None:
        rail = drawn(unplugged("amber-3", "iscsi-1")).rails[1]
        assert [cable.kind for cable in rail.cables] == ["link", "link", "link-warn", "link"]
        assert rail.says == "attached on 3 of 4 hosts"

    def test_with_the_master_silent_no_storage_is_claimed(self) -> None:
        found = drawn(master_silent())
        assert found.rails == () and len(found.boxes) == 4
        assert found.height < drawn(amber()).rails[0].y
        assert not any(box.odd for box in found.boxes)

    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            (amber(), "cluster amber, zone AMS-1, Managed"),
            (replace(amber(), cloudstack=None), "not connected"),
            (
                replace(amber(), cloudstack=None, cloudstack_trouble=master_silent().pool_trouble),
                "does not answer",
            ),
        ],
    )
    def test_cloudstacks_rail_says_what_it_is_to_this_pool(self, facts: Facts, said: str) -> None:
        assert drawn(facts).cloudstack == said

    def test_the_picture_is_told_in_words(self) -> None:
        said = drawn(crashed()).label
        assert "amber-1, the master, XenServer says live, enabled, CloudStack says up" in said
        assert "amber-2 XenServer says live, disabled (storage iscsi-1 unplugged)" in said

    def test_an_empty_pool_is_a_drawing_too(self) -> None:
        assert drawn(amber().with_pool(hosts=(), pbds=()).with_cloudstack(hosts=())).boxes == ()


class TestWhoActsFirst:
    @pytest.mark.parametrize(
        ("timeout", "kinds", "words"),
        [
            (180, ["ha", "cloudstack", "policy"], "reboots a host before HA fences it"),
            (60, ["ha", "cloudstack", "policy"], "HA fences before CloudStack"),
            (120, ["ha", "cloudstack", "policy"], "HA fences before CloudStack"),
            (None, ["cloudstack", "policy"], "HA fences nobody"),
        ],
    )
    def test_the_sentence_follows_the_timeout(
        self, timeout: int | None, kinds: list[str], words: str
    ) -> None:
        pool = amber().with_ha(timeout_s=timeout).pool
        assert pool
        found = clocks(pool, policy(), timing(None))
        assert [bar.kind for bar in found.bars] == kinds
        assert words in found.says

    def test_bars_are_to_scale_and_a_short_one_is_marked(self) -> None:
        pool = amber().with_ha(timeout_s=60).pool
        assert pool
        ha, cloudstack, wanted = clocks(pool, policy(), timing(None)).bars
        assert ha.short and not cloudstack.short
        assert ha.width * 3 == pytest.approx(wanted.width)
        assert max(bar.width for bar in (ha, cloudstack, wanted)) <= 360

    def test_ha_that_is_off_has_no_bar_whatever_it_was_set_to(self) -> None:
        pool = ha_off().pool
        assert pool
        assert [bar.kind for bar in clocks(pool, policy(), timing(None)).bars] == ["cloudstack", "policy"]


class TestStorage:
    def test_what_is_unplugged_comes_first_with_its_count(self) -> None:
        pool = unplugged("amber-3", "iscsi-1").pool
        assert pool
        first, second = storages(pool)
        assert (first.name, first.count, first.complete) == ("iscsi-1", "3 of 4 hosts", False)
        assert (second.name, second.holds, second.complete) == ("nfs-hb", "heartbeat", True)

    @pytest.mark.parametrize(
        ("size", "used", "full"), [(200, 50, 25), (None, 50, None), (0, 0, None), (200, None, None)]
    )
    def test_how_full_it_is_is_told_only_when_known(
        self, size: int | None, used: int | None, full: int | None
    ) -> None:
        sr = Sr(uuid="s", ref="r", name="s", type="nfs", shared=True, size=size, used=used, vdis=3)
        pool = amber().with_pool(srs=(sr,), pbds=()).pool
        assert pool
        assert [(s.full, s.holds) for s in storages(pool)] == [(full, "disks")]

    def test_a_hosts_own_disks_are_left_out_while_they_are_well(self) -> None:
        own = Sr(uuid="own", ref="r", name="own", type="ext", shared=False)
        pool = amber().with_pool(srs=(own,), pbds=()).pool
        assert pool
        assert storages(pool) == ()


class TestNow:
    def test_a_pool_that_is_well_has_nothing_wrong(self) -> None:
        assert not [line for line in lines(amber(), policy()) if line.wrong]

    def test_operators_recover_a_master_where_the_policy_says_so(self) -> None:
        said = {line.name: line.value for line in lines(ha_off(), replace(policy(), recovery="operators"))}
        assert said["Recovery"] == "operators elect by hand"

    @pytest.mark.parametrize(
        ("facts", "name", "value"),
        [
            (ha_off(), "Recovery", "nobody recovers the master"),
            (ha_off(), "HA", "off"),
            (crashed(), "Hosts", "3 of 4 live and enabled"),
            (crashed(), "Storage", "1 not plugged everywhere"),
            (crashed(), "CloudStack", "3 Up, 1 Alert"),
            (amber().with_cloudstack(managedstate="Unmanaged"), "Cluster", "Unmanaged"),
            (amber().with_host("amber-2", version="8.2.0"), "Versions", "8.2.0 and 8.2.1"),
            (master_silent(), "XenServer", "does not answer"),
            (amber().with_pool(master="gone"), "Master", "not known"),
        ],
    )
    def test_what_somebody_has_to_put_right_is_marked(self, facts: Facts, name: str, value: str) -> None:
        found = {line.name: line for line in lines(facts, policy())}[name]
        assert (found.value, found.wrong) == (value, True)

    def test_no_cloudstack_is_nothing_wrong(self) -> None:
        found = {line.name: line for line in lines(replace(amber(), cloudstack=None), policy())}
        assert (found["CloudStack"].value, found["CloudStack"].wrong) == ("not connected", False)


@dataclass
class Lasted:
    code: str = "cloudstack-alert"
    severity: str = "critical"
    subject_name: str = "amber-2"
    says: str = "CloudStack shows amber-2 in Alert. XenServer says it is dead."
    since: datetime = NOW - timedelta(hours=1)
    closed_at: datetime | None = None
    expected_by: int | None = None


@dataclass
class Happened:
    at: datetime
    kind: str
    subject: str = "amber-2"
    says: str = "amber-2 booted."
    run: int | None = None
    happened_at: datetime | None = None


def told(*found: Lasted, rows: tuple[Happened, ...] = ()) -> Strip:
    return strip(LANES, happenings(found, rows, NOW), NOW - timedelta(hours=6), NOW)


class TestWhatHappened:
    @pytest.mark.parametrize(
        ("code", "lane"),
        [
            ("cloudstack-alert", "CloudStack"),
            ("host-unknown-to-cloudstack", "CloudStack"),
            ("master-unreachable", "Master"),
            ("ha-timeout-short", "HA"),
            ("no-master-recovery", "HA"),
            ("debt-unpaid", "Runs"),
            ("host-disabled", "XenServer"),
        ],
    )
    def test_each_finding_has_its_lane(self, code: str, lane: str) -> None:
        assert code in CODES
        assert lane_of(code) == lane

    def test_an_open_finding_lasts_until_now(self) -> None:
        (bar,) = {lane.name: lane for lane in told(Lasted()).lanes}["CloudStack"].bars
        assert bar.x + bar.width == pytest.approx(RIGHT, abs=0.2)
        assert bar.width == pytest.approx((RIGHT - LEFT) / 6, abs=0.2)
        assert (bar.mark, bar.says) == ("critical", "CloudStack shows amber-2 in Alert")

    def test_a_mended_one_ended_when_it_was_mended(self) -> None:
        (bar,) = told(Lasted(closed_at=NOW - timedelta(minutes=30))).lanes[2].bars
        assert bar.width == pytest.approx((RIGHT - LEFT) / 12, abs=0.2)

    def test_what_a_run_causes_is_no_alarm_and_notes_are_not_drawn(self) -> None:
        assert told(Lasted(expected_by=7)).lanes[2].bars[0].mark == "working"
        assert not any(lane.bars for lane in told(Lasted(severity="info")).lanes)

    def test_what_ended_before_the_span_is_not_drawn_and_what_began_before_starts_at_its_edge(self) -> None:
        old = NOW - timedelta(days=2)
        assert not any(lane.bars for lane in told(Lasted(since=old, closed_at=old)).lanes)
        assert told(Lasted(since=old)).lanes[2].bars[0].x == LEFT

    def test_a_moment_is_drawn_when_it_happened_not_when_it_was_seen(self) -> None:
        boot = Happened(NOW, "boot", happened_at=NOW - timedelta(hours=3))
        (bar,) = told(rows=(boot,)).lanes[1].bars
        assert bar.x == pytest.approx((LEFT + RIGHT) / 2, abs=0.2)

    def test_a_run_goes_from_its_first_line_to_its_last_and_is_a_link(self) -> None:
        rows = tuple(Happened(NOW - timedelta(minutes=m), "ha", run=7) for m in (60, 30, 0))
        (bar,) = told(rows=rows).lanes[4].bars
        assert (bar.says, bar.link) == ("run 7", "/runs/7/")
        assert bar.width == pytest.approx((RIGHT - LEFT) / 6, abs=0.2)

    @pytest.mark.parametrize("hours", [1, 6, 24, 168])
    def test_every_span_has_a_readable_number_of_ticks(self, hours: int) -> None:
        ticks = strip(LANES, (), NOW - timedelta(hours=hours), NOW).ticks
        assert 5 <= len(ticks) <= 9
        assert all(LEFT <= x <= RIGHT for x, _ in ticks)

    def test_nothing_is_said_when_nothing_happened(self) -> None:
        assert told().label == "nothing happened"
