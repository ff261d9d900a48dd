"""How many sockets this process may have: a lab needs one for each host, and more for those who call."""

from __future__ import annotations

SPARE = 512  # for connections, and for what Python itself keeps open


class TooMany(Exception):
    """The system allows fewer open files than the lab has hosts; the text says how many and what to do."""


def make_room(hosts: int) -> None:
    """Raise the soft limit of open files as far as needed and allowed; TooMany if that is not enough."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = hosts + SPARE
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise TooMany(
            f"{hosts} hosts need {needed} open files and this system allows {hard}: raise the limit (ulimit -Hn), "
            "or have fewer hosts."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
