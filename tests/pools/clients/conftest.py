"""One estate for the tests of a file; what a test breaks is mended after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.testing import RunningLab, running_lab


@pytest.fixture(scope="module")
def the_lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=1.0) as lab:
        yield lab


@pytest.fixture
def lab(the_lab: RunningLab) -> Iterator[RunningLab]:
    """The estate, in real time: nothing happens by itself while a test runs."""
    yield the_lab
    the_lab.mend()
