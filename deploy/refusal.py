"""The one way in which starting fails: a sentence on the terminal and exit code 1."""

from __future__ import annotations


class Refusal(Exception):
    """A reason not to start, with its cure, as one sentence for the person who started it."""
