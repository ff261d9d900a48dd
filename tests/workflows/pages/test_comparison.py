"""The table of new hosts beside the master says what the checks say, cell by cell."""

from __future__ import annotations

from dataclasses import replace

from pools.facts import Facts, Newcomer, Passport, Trouble
from tests.workflows import amber, strangers
from workflows.pages.comparison import Comparison, comparison
from workflows.steps.fitness import fits

FEATURES = ("0000000f-ff000000", "0000000f-7f000000")


def compared(*found: Newcomer, measure: Passport = strangers.PASSPORT) -> Comparison:
    facts = replace(amber.facts(), newcomers=found, measure=measure)
    table = comparison(facts)
    assert table
    return table


def cells(table: Comparison, name: str) -> list[tuple[str, str, str]]:
    row = next(row for row in table.rows if row.name == name)
    return [(cell.mark, cell.says, cell.small) for cell in row.cells]


def with_passport(**fields: object) -> Newcomer:
    return strangers.birch(passport=replace(strangers.PASSPORT, **fields))  # type: ignore[arg-type]


def test_without_new_hosts_there_is_no_table() -> None:
    assert comparison(amber.facts()) is None
    assert comparison(None) is None


def test_a_cell_that_xapi_refuses_has_its_code_in_small_print() -> None:
    table = compared(strangers.birch(), with_passport(version="8.1.0", edition="free"))
    assert [column.verdict for column in table.columns] == ["can join", "cannot join: 2 reasons"]
    assert cells(table, "Version") == [("same", "8.2.1", ""), ("refused", "8.1.0", "HOSTS_NOT_HOMOGENEOUS")]
    assert cells(table, "Licence")[1] == ("refused", "free", "LICENSE_HOST_POOL_MISMATCH")


def test_cpu_features_that_the_pool_levels_differ_and_are_not_refused() -> None:
    ours, theirs = FEATURES
    measure = replace(strangers.PASSPORT, cpu_features=ours)
    table = compared(with_passport(cpu_features=theirs), measure=measure)
    assert cells(table, "CPU features") == [("differs", "lacks 1", "the pool uses what all its CPUs have")]
    assert table.columns[0].can_join


def test_before_7_0_they_are_refused() -> None:
    ours, theirs = FEATURES
    measure = replace(strangers.PASSPORT, version="6.5.0", cpu_features=theirs)
    table = compared(with_passport(version="6.5.0", cpu_features=ours), measure=measure)
    assert cells(table, "CPU features") == [("refused", "has 1 more", "HOSTS_NOT_HOMOGENEOUS")]


def test_what_is_the_same_everywhere_and_rarely_matters_is_one_sentence() -> None:
    table = compared(strangers.birch())
    assert "API version" in table.alike and "API version" not in {row.name for row in table.rows}
    odd = with_passport(traits=(("API version", "2.16"),))
    assert cells(compared(odd), "API version") == [
        ("refused", "2.16", "POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION")
    ]


def test_one_that_could_not_be_read_is_named_beside_the_table() -> None:
    silent = Newcomer(
        address="127.10.9.9", name="127.10.9.9", trouble=Trouble(code="refused", says="It is off.")
    )
    table = compared(strangers.birch(), silent)
    assert [column.name for column in table.columns] == ["birch-1"]
    assert table.silent == (("127.10.9.9", "It is off."),)


def test_a_host_can_join_in_the_table_exactly_when_no_check_speaks_against_it() -> None:
    facts: Facts = amber.facts()
    assert facts.pool
    odd = strangers.birch(
        guests=("billing",),
        shared_srs=("nfs-old",),
        network=("bonds", "VLANs"),
        guidances=("reboot_host",),
        members=2,
        ha_enabled=True,
        clock_skew_s=400.0,
        passport=replace(strangers.PASSPORT, pooling=False, nics=1),
    )
    against = [check for check in fits(odd, strangers.PASSPORT, facts.pool) if not check.ok]
    table = compared(odd)
    refused = [row.name for row in table.rows if row.cells[0].mark == "refused"]
    assert len(against) == len(refused) == 9
    assert table.columns[0].verdict == "cannot join: 9 reasons"
