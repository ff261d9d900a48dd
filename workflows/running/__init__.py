"""Carrying a run out: the ORM, the clock and the captains stand here, around the pure `workflows.engine`."""
