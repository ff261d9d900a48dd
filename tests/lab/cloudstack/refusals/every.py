"""All rows: importing a module of them registers them."""

from tests.lab.cloudstack.refusals import clusters, hosts, instances, maintenance, power, protocol
from tests.lab.cloudstack.refusals.rows import ROWS, Row, section

__all__ = ["ROWS", "Row", "clusters", "hosts", "instances", "maintenance", "power", "protocol", "section"]
