"""Every refusal of the lab's XenServer, each with what provokes it. ``lab/refusals.md`` is made from these rows:

python -m tests.lab.refusals > lab/refusals.md
"""
