"""All rows: importing a module of them registers them."""

from tests.lab.refusals import hosts, joining, machines, pools, protocol
from tests.lab.refusals.rows import ROWS, Row, table

__all__ = ["ROWS", "Row", "hosts", "joining", "machines", "pools", "protocol", "table"]
