"""A first entry names the runs before it: edited into nonsense it is a line that was edited, and not an error."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from workflows.models import Run

pytestmark = pytest.mark.django_db(transaction=True)

NONSENSE = ("[]", '"x"', "null", '{"earlier": 7}', '{"earlier": [null, {"run": "x"}]}')


def test_whatever_its_data_were_edited_to_it_is_named(run: Run) -> None:
    for data in NONSENSE:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE workflows_entry SET data = %s WHERE run_id = %s AND seq = 1", (data, run.pk)
            )
        with pytest.raises(CommandError, match=f"Run {run.pk}: entry 1 was edited"):
            call_command("verify_journal")
