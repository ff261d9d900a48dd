"""A web page on the control port, to play chaos on: the estate, what is broken, and the calls as they come.

Plain HTML that works without a script; with one, the picture and the calls follow by themselves.
"""

from lab.page.answering import answer

__all__ = ["answer"]
