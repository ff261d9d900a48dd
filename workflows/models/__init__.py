"""What the workflows app remembers: the database is the single truth of a run."""

from workflows.models.approval import Approval
from workflows.models.debt import Debt
from workflows.models.entry import AppendOnly, Entry
from workflows.models.run import Run
from workflows.models.step import Attempt, RunStep

__all__ = ["AppendOnly", "Approval", "Attempt", "Debt", "Entry", "Run", "RunStep"]
