"""Each scenario keeps a history of its own in the same data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.refusal import Refusal
from deploy.scenario import switch


def test_the_first_scenario_needs_no_word(tmp_path: Path) -> None:
    assert switch(tmp_path, "estate", own_database=True) == ""


def test_another_scenario_puts_the_database_aside_and_its_own_comes_back(tmp_path: Path) -> None:
    database = tmp_path / "baton.sqlite3"
    switch(tmp_path, "estate", own_database=True)
    database.write_text("of the estate")
    notice = switch(tmp_path, "healthy", own_database=True)
    assert notice == "the scenario estate is put aside, healthy is shown."
    assert not database.exists()
    database.write_text("of the healthy one")
    switch(tmp_path, "estate", own_database=True)
    assert database.read_text() == "of the estate"


def test_a_database_that_is_not_ours_is_not_put_aside(tmp_path: Path) -> None:
    switch(tmp_path, "estate", own_database=False)
    with pytest.raises(Refusal, match="the database in DATABASE_URL holds the scenario estate"):
        switch(tmp_path, "healthy", own_database=False)


def test_a_scenario_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    switch(tmp_path, "estate", own_database=True)
    with pytest.raises(Refusal, match=r"accepted: .*healthy"):
        switch(tmp_path, "atlantis", own_database=True)
    assert (tmp_path / "scenario").read_text() == "estate\n"
