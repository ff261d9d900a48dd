"""The world and its physics, free of I/O.

``World`` (world.py) holds pools, hosts, VMs and storage (things.py), the clock (clock.py), the log of calls and the
faults. The protocol layers (lab/xapi, lab/cloudstack) only translate between it and the wire.

For a protocol layer::

    world.now()                               lab seconds since 1970
    world.after(30, action)                   once; returns a Timer with cancel()
    world.on_tick(60, action)                 for ever
    world.run(generator) -> Process           something that takes time: it yields lab seconds, or a Process to wait
                                              for, returns its result, raises Refusal; .status .result .error .on_done
    world.pool("amber"), world.host("amber-1"), world.pools, world.hosts
    world.reachable(host)                     its XAPI port would answer
    world.pool_answering_for(host)            the pool a client finds that starts from this host's address, or None
    world.migrate_vm(vm, to_host)             -> Process
    world.calls.record(...) -> Call           set .outcome when answered (lab/calls.py)
    world.faults.take("cloudstack", "addHost")  the fault that acts on this call, or None (lab/faults.py)
    world.cloudstack                          lab.cloudstack's own state; world.cloudstack_plan is the scenario's wish
    world.listen(f)                           f(what, thing) on power, vm, eject, master … changes

All of it runs in one thread: the one that runs the clock. A stepped clock (tests) moves by ``clock.step(seconds)``.
"""

from lab.world.clock import Clock, ScaledClock, SteppedClock, Timer
from lab.world.process import Process, Steps
from lab.world.refusal import Refusal
from lab.world.things import (
    GIB,
    MIB,
    NULL,
    PBD,
    PIF,
    SM,
    SR,
    VDI,
    VM,
    Host,
    Message,
    Network,
    Pool,
    Task,
    Update,
)
from lab.world.world import World

__all__ = [
    "GIB",
    "MIB",
    "NULL",
    "PBD",
    "PIF",
    "SM",
    "SR",
    "VDI",
    "VM",
    "Clock",
    "Host",
    "Message",
    "Network",
    "Pool",
    "Process",
    "Refusal",
    "ScaledClock",
    "SteppedClock",
    "Steps",
    "Task",
    "Timer",
    "Update",
    "World",
]
