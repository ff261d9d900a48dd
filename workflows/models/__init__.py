"""What the workflows app remembers: the database is the single truth of a run."""

from workflows.models.approval import Approval
from workflows.models.debt import Debt
from workflows.models.entry import AppendOnly, Entry
from workflows.models.glass import Glass
from workflows.models.login import Login
from workflows.models.run import Pause, Run
from workflows.models.step import Attempt, RunStep

__all__ = ["AppendOnly", "Approval", "Attempt", "Debt", "Entry", "Glass", "Login", "Pause", "Run", "RunStep"]
