"""XAPI as a XenServer host speaks it: what comes over the wire is translated to the world, and back.

``wire`` knows XML-RPC, ``dispatch`` finds the call and judges sessions, ``records`` are the classes' fields, ``calls``
the messages that do something. Nothing but ``wire`` and ``server`` knows about XML or HTTP.
"""
