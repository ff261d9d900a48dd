"""The journal is written once, in order, and a change to it is found and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from tests.workflows.engine.driving import drive_to_the_end, person
from tests.workflows.engine.toyworld import ToyWorld
from workflows.models import AppendOnly, Entry, Run
from workflows.running import journal
from workflows.running.report import report

pytestmark = pytest.mark.django_db(transaction=True)


def sql(text: str, *values: int) -> None:
    """As somebody with a shell on the database would."""
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def edited(run: Run) -> None:
    sql("UPDATE workflows_entry SET says = 'Nothing.' WHERE run_id = %s AND seq = 3", run.pk)


def removed(run: Run) -> None:
    sql("DELETE FROM workflows_entry WHERE run_id = %s AND seq = 4", run.pk)


def cut_off(run: Run) -> None:
    sql("DELETE FROM workflows_entry WHERE run_id = %s AND seq = %s", run.pk, run.journal.count())


def swapped(run: Run) -> None:
    for old, new in ((2, 9_001), (3, 2), (9_001, 3)):
        sql("UPDATE workflows_entry SET seq = %s WHERE run_id = %s AND seq = %s", new, run.pk, old)


TAMPERINGS: tuple[tuple[Callable[[Run], None], str], ...] = (
    (edited, "entry 3 was edited"),
    (removed, "entry 4 is missing"),
    (cut_off, "are left"),
    (swapped, "does not follow"),
)
"""What somebody does who can write to the database, and what is said of it."""


@pytest.fixture
def ended(run: Run, world: ToyWorld) -> Run:
    return drive_to_the_end(run, person("bo"), world)


def test_a_run_is_told_from_beginning_to_end(ended: Run) -> None:
    kinds = list(ended.journal.values_list("kind", flat=True))
    assert kinds[0] == "planned"
    assert kinds[-1] == "ended"
    for kind in ("started", "waits", "confirmed", "intent", "owes", "answered", "done", "paid", "remembered"):
        assert kind in kinds
    assert kinds.index("owes") < kinds.index("answered")


def test_its_lines_are_neither_changed_nor_deleted(run: Run) -> None:
    entry = run.journal.first()
    assert entry
    entry.says = "Nothing happened."
    with pytest.raises(AppendOnly):
        entry.save()
    with pytest.raises(AppendOnly):
        entry.delete()
    with pytest.raises(AppendOnly):
        Entry.objects.all().delete()
    with pytest.raises(AppendOnly):
        Entry.objects.update(says="")


def test_a_whole_journal_verifies_and_whatever_is_done_to_a_line_is_named(
    ended: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_journal")
    assert "as they were written" in capsys.readouterr().out
    for tamper, told in TAMPERINGS:
        with transaction.atomic():
            tamper(ended)
            ended.refresh_from_db()
            assert [line for line in journal.verify(ended) if told in line], told
            with pytest.raises(CommandError, match=told):
                call_command("verify_journal", ended.pk)
            transaction.set_rollback(True)
    ended.refresh_from_db()
    assert journal.verify(ended) == []


@contextmanager
def unchecked() -> Iterator[None]:
    """No foreign key is looked at, as by somebody who may do anything to the database."""
    with connection.constraint_checks_disabled():
        if connection.vendor == "postgresql":  # where Django's own word only puts the check off
            sql("SET session_replication_role = replica")
        try:
            yield
        finally:
            if connection.vendor == "postgresql":
                sql("SET session_replication_role = origin")


class TestARunThatIsRemoved:
    @pytest.fixture
    def three(self, plan: Callable[[], Run]) -> list[Run]:
        return [plan() for _ in range(3)]

    def remove(self, run: Run, *tables: str) -> None:
        """As somebody would who knows how the rows hang together."""
        with unchecked():
            for table in tables:
                column = "id" if table == "workflows_run" else "run_id"
                sql(f"DELETE FROM {table} WHERE {column} = %s", run.pk)  # noqa: S608 - names of ours

    def test_with_all_that_belongs_to_it_is_missed_by_the_next(self, three: list[Run]) -> None:
        self.remove(three[1], "workflows_entry", "workflows_runstep", "workflows_run")
        with pytest.raises(
            CommandError, match=f"Run {three[1].pk} is missing: run {three[2].pk} was planned"
        ):
            call_command("verify_journal")

    def test_with_its_journal_left_is_named(self, three: list[Run]) -> None:
        lines = list(Entry.objects.filter(run=three[2]).values())
        self.remove(three[2], "workflows_entry", "workflows_runstep", "workflows_run")
        with unchecked():
            Entry.objects.bulk_create(Entry(**line) for line in lines)
            assert journal.missing() == [f"Run {three[2].pk}: its row is missing, its journal is not."]
        self.remove(three[2], "workflows_entry")

    def test_and_begun_anew_is_not_the_one_that_others_name(self, three: list[Run]) -> None:
        sql("UPDATE workflows_entry SET hash = 'x' WHERE run_id = %s AND seq = 1", three[0].pk)
        assert any(f"Run {three[0].pk}: its first entry" in line for line in journal.missing())


def test_many_who_write_at_once_make_one_chain(run: Run) -> None:
    def write(number: int) -> None:
        try:
            journal.write(run.pk, "note", f"Line {number}.", data={"share": 0.5, "of": [number]})
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(24)))
    run.refresh_from_db()
    assert run.entries == run.journal.count() >= 24
    assert journal.verify(run) == []


def test_the_report_has_it_all(ended: Run) -> None:
    told = report(ended)
    assert told["run"]["state"] == "done"
    assert len(told["steps"]) == 12
    assert told["steps"][2]["confirmed_by"] == "bo"
    assert told["steps"][2]["attempts"][0]["handle_id"] == "handle-of-prepareHostForMaintenance"
    assert all(debt["paid_at"] for debt in told["debts"])
    assert told["journal_faults"] == []


def test_a_run_that_does_not_exist_is_said_so() -> None:
    with pytest.raises(CommandError, match="no run 999"):
        call_command("verify_journal", 999)
