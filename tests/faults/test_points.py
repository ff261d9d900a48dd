"""A short part of the fault matrix (`make faults` has it all): one workflow, every point, in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import record
from tests.faults.cases import CASES, workflow_of
from tests.faults.dying import OF_WAITS, POINTS
from tests.faults.matrix import met
from tests.faults.record import Seen, table
from workflows.catalogue import STEPS, WORKFLOWS

SHORT = "disable-ha"


def test_every_workflow_has_a_case() -> None:
    assert {workflow_of(case) for case in CASES} == set(WORKFLOWS)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("broker")
@pytest.mark.parametrize("point", POINTS)
def test_wherever_a_worker_dies_the_run_goes_on(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in STEPS.values():
        monkeypatch.setattr(step, "settle", 0.3)
    seen = list(met(SHORT, point))
    assert seen
    assert {(one.step, one.said) for one in seen if one.said != "right"} == set()
    assert any(one.step == "2. StopHa" for one in seen) or point in OF_WAITS


def case(said: str, recovery_s: float | None = None, step: str = "3. TurnHaOn") -> Seen:
    return Seen(
        workflow="enable-ha",
        point="after intent",
        step=step,
        wave="kill -9",
        database="sqlite",
        said=said,
        recovery_s=recovery_s,
    )


def test_the_table_closes_with_one_line_and_the_times_above_it() -> None:
    seen = [case("right", 6.0), case("right", 8.5), case("asked a human: step 3"), case("wrong: sent twice")]
    *_, times, last = table(seen)
    assert last == "cases 4, ended right 2, asked a human 1, wrong 1"
    assert times == "recovery after a kill: median 7.2 s, worst 8.5 s, of 2"


def test_what_ended_wrong_is_said_with_its_step() -> None:
    assert any("3. TurnHaOn" in line and "sent twice" in line for line in table([case("wrong: sent twice")]))


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(record.LOG, str(tmp_path / "log"))
    return tmp_path / "log"


def test_what_was_seen_is_kept_for_the_table(log: Path) -> None:
    record.keep([case("right", 6.0)])
    record.keep([case("right", step="4. Look")])
    assert record.read(log) == [case("right", 6.0), case("right", step="4. Look")]


def test_an_interrupted_matrix_goes_on_and_takes_up_again_what_went_wrong(log: Path) -> None:
    assert record.gone_through("sqlite", "kill -9") == set()
    record.keep([case("right"), case("wrong: sent twice", step="4. Look")])
    record.forget_wrong(log)
    assert record.gone_through("sqlite", "kill -9") == set()
    record.keep([case("right"), case("right", step="5. Go on")])
    record.forget_wrong(log)
    assert record.gone_through("sqlite", "kill -9") == {"enable-ha"}
    assert [one.said for one in record.read(log)] == ["right", "right"]
    assert record.gone_through("postgresql", "kill -9") == set()
