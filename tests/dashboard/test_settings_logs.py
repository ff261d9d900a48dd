"""No log line carries a secret."""

from __future__ import annotations

import logging

import pytest

from dashboard.logs import Masked, mask


@pytest.mark.parametrize(
    "line",
    [
        "GET /client/api?command=listHosts&apiKey=HIDDEN&signature=HIDDEN&response=json",
        "{'password': 'HIDDEN', 'user': 'root'}",
        '{"secret_key": "HIDDEN"}',
        "connecting to redis://:HIDDEN@broker:6379/0",
        "connecting to postgresql://baton:HIDDEN@db/baton",
        "SECRET_KEY=HIDDEN",
    ],
)
def test_what_looks_like_a_secret_is_masked(line: str) -> None:
    assert "HIDDEN" not in mask(line)


def test_the_rest_of_a_line_stays() -> None:
    line = "command=listHosts&apiKey=abc&response=json"
    assert mask(line) == "command=listHosts&apiKey=***&response=json"


def test_a_traceback_is_masked_too() -> None:
    try:
        raise ValueError("password=HIDDEN")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "it failed", None, (type(error), error, None))
    assert "HIDDEN" not in Masked("%(message)s").format(record)


def test_a_name_with_a_lines_end_makes_no_second_line() -> None:
    record = logging.LogRecord("pools", logging.WARNING, "", 0, "sweep of %s", ("a\r\nb\x1b[2J\x9b",), None)
    said = Masked("{message}", style="{").format(record)
    assert said == "sweep of a\\x0d\\x0ab\\x1b[2J\\x9b"
