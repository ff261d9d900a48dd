"""The lab's CloudStack: its API on the wire, and a management server that watches the simulated pools.

``CloudStack`` (state.py) is what it knows; ``monitor.py`` is how it comes to know it; ``commands/`` what can
be asked. The facts are the source's own (Apache CloudStack 4.3 to 4.22); where versions differ, ``versions.py``
says how. To set one up::

    cloud = lab.cloudstack.start.start(world)             # from world.cloudstack_plan; also world.cloudstack
    Listener(lab.cloudstack.server.handler(cloud), "127.0.0.1", base + 1)

Key pairs: ``lab-api-key``/``lab-secret-key`` (root admin), ``user-api-key``/``user-secret-key`` (a user). Logins:
``admin`` and ``user``, both with the password ``baton-lab``.
"""
