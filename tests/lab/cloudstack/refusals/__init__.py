"""Every refusal of the lab's CloudStack, each with what provokes it: a section of ``lab/refusals.md``."""
