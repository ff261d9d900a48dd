"""Print ``lab/refusals.md``: XenServer's rows, then CloudStack's."""

from tests.lab.cloudstack.refusals.every import section
from tests.lab.refusals.every import table

print(table(), section(), sep="\n", end="")
