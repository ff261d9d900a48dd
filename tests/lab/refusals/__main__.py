"""Print ``lab/refusals.md``."""

from tests.lab.refusals.every import table

print(table(), end="")
