"""Two people for one step: the first yes is kept beside the step until somebody else says theirs to the same."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from workflows.engine.states import RunState
from workflows.models import Run, RunStep
from workflows.running import clock, journal, policy
from workflows.running.moves import tell
from workflows.running.people import moved, name
from workflows.running.refusals import NotNow


def one_more(run: Run, row: RunStep, by: User, digest: str) -> bool:
    """Whether another person's yes is still needed after this one, which is kept then. Raises NotNow."""
    if not policy.wants_two(run, row):
        return False
    first = policy.first_yes(run, row)
    if first is None:
        _keep(run, row, by, digest)
        return True
    if first.pk == by.pk:
        raise NotNow("You said the first yes: this step wants a second person's.")
    return False


def _keep(run: Run, row: RunStep, by: User, digest: str) -> None:
    with transaction.atomic():
        moved(run, RunState.CONFIRM, reason=f"Step {row.number} waits for a second person.")
        # Under the run's lock: of two first yes at once, the later one is a second yes, and is given again.
        same = RunStep.objects.filter(pk=row.pk, first_digest=row.first_digest, first_at=row.first_at)
        if same.update(first_by=by, first_at=clock.now(), first_digest=digest) != 1:
            raise NotNow("Somebody else said the first yes at this very moment: say yours once more.")
        says = f"First yes: {row.title}. A second person has to say theirs."
        journal.write(run.pk, "first-yes", says, actor=name(by), step=row.index, data={"digest": digest})
        tell(run.pk)
