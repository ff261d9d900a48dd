"""A world from a real pool, to rehearse on: ``python -m lab record``. It only reads, and keeps no name and no secret.

command.py is the command line, asking.py asks XAPI and CloudStack, names.py gives everything another name, estate.py
builds the world from the answers.
"""

from lab.recording.asking import CannotRecord
from lab.recording.command import add_options, run

__all__ = ["CannotRecord", "add_options", "run"]
