"""The world changes under a run: half-way through two dances that cannot be taken back.

Every workflow, before every step: `make catalogue` (matrix.py).
"""

from __future__ import annotations

import pytest

from tests.workflows.catalogue.changing import CHANGES, comes_to_rest
from tests.workflows.catalogue.projecting import acting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker", "at_once")]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("variant", ["elect-master", "remove-master"])
def test_it_goes_on_or_says_why_not(variant: str, change: str) -> None:
    comes_to_rest(variant, len(acting(variant)) // 2, CHANGES[change])
