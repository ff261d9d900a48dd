"""The lab's CloudStack: its API on the wire, and a management server that watches the simulated pools.

``CloudStack`` (state.py) is what it knows; ``monitor.py`` is how it comes to know it; ``commands/`` what can
be asked. The facts are the source's own (Apache CloudStack 4.3 to 4.22); where versions differ,
``versions.py`` says how.
"""
