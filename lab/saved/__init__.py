"""A world in a file: ``python -m lab save FILE`` and ``python -m lab --world FILE``.

``save`` and ``load`` are in file.py; graph_out.py and graph_in.py turn objects into JSON and back, functions.py does so
for what is to happen later, and resume.py settles what was under way.
"""

from lab.saved.file import Unreadable, load, save

__all__ = ["Unreadable", "load", "save"]
