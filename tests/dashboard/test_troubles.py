"""One trouble is one line: four hosts of a pool in Alert are not four alarms, nor is one broken host."""

from __future__ import annotations

import pytest

from dashboard.troubles import Trouble, troubles
from pools.models import CloudStack, Finding, Pool


def found(
    pool: int, code: str, name: str, kind: str = "host", remedy: str = "", severity: str = "warning"
) -> Finding:
    about = {"subject_name": name, "subject_uuid": f"h-{name}", "subject_kind": kind}
    return Finding(pool_id=pool, code=code, severity=severity, remedy=remedy, **about)


def codes(told: list[Trouble]) -> list[tuple[str, list[str]]]:
    return [(trouble.finding.code, [each.finding.code for each in trouble.also]) for trouble in told]


def test_the_same_code_in_one_pool_is_one_line_with_the_other_names() -> None:
    alerts = [found(1, "cloudstack-alert", f"basalt-{i}") for i in (2, 3, 4)]
    (one,) = troubles(alerts)
    assert (one.finding, one.others, one.size) == (alerts[0], ["basalt-3", "basalt-4"], 3)


def test_another_pool_and_another_host_are_lines_of_their_own_in_their_order() -> None:
    three = [
        found(1, "host-dead", "basalt-1"),
        found(2, "cloudstack-alert", "c"),
        found(1, "cloudstack-alert", "b"),
    ]
    assert [each.finding for each in troubles(three)] == three


def test_what_befell_one_host_is_one_line_under_the_worst_of_it() -> None:
    told = troubles(
        [
            found(1, "cloudstack-alert", "cobalt-2"),
            found(1, "host-disabled", "cobalt-2"),
            found(1, "host-fenced", "cobalt-2"),
        ]
    )
    assert codes(told) == [("cloudstack-alert", ["host-disabled", "host-fenced"])]
    assert told[0].size == 3


def test_two_of_four_hosts_in_alert_are_not_the_one_that_is_dead() -> None:
    told = troubles(
        [
            found(1, "host-dead", "a"),
            found(1, "cloudstack-alert", "a"),
            found(1, "cloudstack-alert", "b"),
        ]
    )
    assert codes(told) == [("host-dead", []), ("cloudstack-alert", [])]


def test_a_plan_that_is_short_of_a_host_stands_with_that_host_wherever_it_is_found() -> None:
    plan = found(1, "ha-plan-short", "cobalt", kind="pool")
    told = troubles([plan, found(1, "host-disabled", "cobalt-2"), found(2, "host-dead", "x")])
    assert codes(told) == [("host-disabled", ["ha-plan-short"]), ("host-dead", [])]


def test_a_plan_that_is_short_with_every_host_there_keeps_its_place() -> None:
    told = troubles(
        [found(1, "ha-plan-short", "cobalt", kind="pool"), found(1, "certificate-expiring", "cobalt-2")]
    )
    assert codes(told) == [("ha-plan-short", []), ("certificate-expiring", [])]


@pytest.mark.parametrize(("first", "offered"), [("", "host-disabled"), ("reenable-host", "cloudstack-down")])
def test_the_next_step_is_of_the_worst_that_has_one(first: str, offered: str) -> None:
    (one,) = troubles(
        [
            found(1, "cloudstack-down", "a", remedy=first),
            found(1, "host-disabled", "a", remedy="reenable-host"),
        ]
    )
    assert one.to_do.code == offered


def test_with_the_master_silent_what_cloudstack_lost_goes_under_it_and_is_as_bad_as_the_worst() -> None:
    told = troubles(
        [
            found(1, "cloudstack-alert", "basalt-2", severity="critical"),
            found(1, "cloudstack-alert", "basalt-3", severity="critical"),
            found(2, "host-dead", "x", severity="critical"),
            found(1, "master-unreachable", "basalt-1", remedy="elect-master"),
        ]
    )
    assert codes(told) == [("master-unreachable", ["cloudstack-alert"]), ("host-dead", [])]
    assert (told[0].severity, told[0].size, told[0].to_do.code) == ("critical", 3, "master-unreachable")
    assert told[0].also[0].others == ["basalt-3"]


def of_pool(number: int, cloudstack: str, code: str, kind: str = "cluster") -> Finding:
    pool = Pool(pk=number, name=f"p{number}", cloudstack=CloudStack(name=cloudstack))
    about = {"subject_name": f"p{number}", "subject_uuid": "", "subject_kind": kind}
    return Finding(pool=pool, code=code, severity="warning", **about)


def test_one_cloudstack_that_is_silent_is_one_line_whatever_number_of_pools_it_has() -> None:
    silent = [of_pool(i, "ams", "cloudstack-unreachable") for i in (1, 2, 3)]
    silent += [of_pool(4, "fra", "cloudstack-unreachable"), of_pool(3, "ams", "login-refused", kind="pool")]
    told = troubles(silent)
    assert [(t.shared, t.pools, t.finding.code) for t in told] == [
        ("CloudStack ams", ["p1", "p2", "p3"], "cloudstack-unreachable"),
        ("CloudStack fra", ["p4"], "cloudstack-unreachable"),
        ("", [], "login-refused"),
    ]
    assert told[0].besides == [] and told[0].size == 3


def test_the_consoles_own_network_is_one_line_with_all_that_cannot_be_seen_through_it() -> None:
    cut = [of_pool(i, "ams", "console-cut-off", kind="console") for i in (1, 2)]
    blind = [of_pool(i, "ams", "cloudstack-unreachable") for i in (1, 2)]
    stale = [of_pool(i, "ams", "facts-stale", kind="pool") for i in (1, 2)]
    (one,) = troubles([*cut, *blind, *stale])
    assert (one.finding, one.pools, one.size) == (cut[0], ["p1", "p2"], 6)
    assert sorted(each.finding.code for each in one.besides) == ["cloudstack-unreachable", "facts-stale"]
