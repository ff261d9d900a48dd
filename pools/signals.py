"""What others may want to know at once, without the watch knowing them."""

from django.dispatch import Signal

moved = Signal()
"""A look has found something else than the one before it, and it is stored. `pool_id` says where. Sent by `Pool`, after
the transaction; whoever hears it must be quick and must not raise."""
