"""Times and numbers are told as people tell them."""

import pytest

from workflows.pages.words import listed, plural, short, span


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (9, "9 s"), (60, "1 min"), (400, "6 min 40 s"), (899, "14 min"), (3900, "1 h 5 min")],
)
def test_a_span_is_as_exact_as_one_needs_it(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_one_is_not_many() -> None:
    assert (plural(1, "change"), plural(0, "removal")) == ("1 change", "0 removals")


def test_a_digest_is_short_enough_to_read_aloud() -> None:
    assert short("7f3ac91e0011") == "7f3a c91e"


def test_people_are_listed() -> None:
    assert listed(["Ada"]) == "Ada"
    assert listed(["Ada", "Bo", "Chen"]) == "Ada, Bo and Chen"
    assert listed([]) == ""
