"""A CloudStack over a world whose clock stands still until a test steps it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from lab import scenarios
from lab.cloudstack.api import receive
from lab.cloudstack.envelope import Reply
from lab.cloudstack.model import Cluster, HostRow
from lab.cloudstack.signing import signature
from lab.cloudstack.start import start
from lab.cloudstack.state import ADMIN_KEYS
from lab.world import Process, SteppedClock, World

Json = dict[str, Any]
PATIENCE = 600


@dataclass
class Refused(Exception):
    """What the API answered instead of a result."""

    code: int
    text: str


class Site:
    """The world, its CloudStack, and an admin's hands on the API without sockets."""

    def __init__(self, plan: Json | None = None, prepare: Callable[[World], object] | None = None) -> None:
        """``plan`` overrides the scenario's; ``prepare`` changes the world before CloudStack first sees it."""
        self.clock = SteppedClock()
        self.world = World(self.clock)
        scenarios.load("estate", self.world)
        self.world.cloudstack_plan |= plan or {}
        if prepare is not None:
            prepare(self.world)
        self.cloud = start(self.world)
        self.world.begin()

    def reply(self, command: str, **params: str) -> Reply:
        """The raw reply to the admin."""
        return self.reply_to(ADMIN_KEYS, command, **params)

    def start(self, command: str, **params: str) -> Process:
        """Give a command as the admin, and let no time pass."""
        return self.start_as(ADMIN_KEYS, command, **params)

    def start_as(self, keys: tuple[str, str], command: str, **params: str) -> Process:
        """Give a command as the owner of the keys, and let no time pass."""
        wanted = {"command": command, "apikey": keys[0], "response": "json", **params}
        wanted["signature"] = signature(wanted, keys[1])
        return receive(self.cloud, wanted).run()

    def reply_to(self, keys: tuple[str, str], command: str, **params: str) -> Reply:
        """The raw reply to the owner of the keys; the clock goes on while the command takes its time."""
        process = self.start_as(keys, command, **params)
        for _second in range(PATIENCE):
            if process.status != "pending":
                break
            self.clock.step(1)
        assert isinstance(process.result, Reply), process.error
        return process.result

    def ask(self, command: str, **params: str) -> Json:
        """What stands under the answer's key; Refused when it is an error."""
        return self.understand(self.reply(command, **params))

    def understand(self, reply: Reply) -> Json:
        """What stands under the reply's key; Refused when it is an error."""
        body = next(iter(json.loads(reply.body).values()))
        if reply.status != 200:
            raise Refused(body["errorcode"], body["errortext"])
        return dict(body)

    def job(self, command: str, **params: str) -> Json:
        """Give an asynchronous command and wait for its job; Refused when that failed."""
        job_id = self.ask(command, **params)["jobid"]
        for _second in range(PATIENCE):
            job = self.ask("queryAsyncJobResult", jobid=job_id)
            if job["jobstatus"] != 0:
                break
            self.clock.step(1)
        if job["jobstatus"] == 2:
            raise Refused(job["jobresult"]["errorcode"], job["jobresult"]["errortext"])
        return dict(job["jobresult"])

    def row(self, name: str) -> HostRow:
        return next(row for row in self.cloud.hosts.values() if row.name == name)

    def cluster(self, name: str) -> Cluster:
        return next(cluster for cluster in self.cloud.clusters.values() if cluster.name == name)

    def host(self, name: str) -> Json:
        """The host as listHosts shows it."""
        return dict(self.ask("listHosts", name=name)["host"][0])

    def state(self, name: str) -> tuple[str, str]:
        host = self.host(name)
        return host["state"], host["resourcestate"]

    def subjects(self) -> list[str]:
        """The alerts' subjects, newest first."""
        return [alert["description"] for alert in self.ask("listAlerts").get("alert", [])]

    def add_host(self, cluster: str, address: str, password: str = "baton-lab") -> Json:
        return self.ask(
            "addHost",
            zoneid=self.cloud.zone.id,
            podid=self.cloud.pod.id,
            clusterid=self.cluster(cluster).id,
            hypervisor="XenServer",
            url=f"http://{address}",
            username="root",
            password=password,
        )

    def until(self, seconds: float, happens: Callable[[], bool]) -> float:
        """Step until it happens; after how many seconds. Fails when it takes longer than ``seconds``."""
        begin = self.clock.now()
        while not happens():
            assert self.clock.now() - begin < seconds, f"not within {seconds} s"
            self.clock.step(1)
        return self.clock.now() - begin


SiteOf = Callable[[str], Site]


@pytest.fixture
def site() -> Iterator[Site]:
    """The estate: amber (4 hosts), basalt (5), cobalt (3, the second in Alert)."""
    made = Site()
    yield made
    assert made.world.crashes == []


@pytest.fixture
def site_of() -> Iterator[SiteOf]:
    """The estate under a CloudStack of another version."""
    made: list[Site] = []

    def make(version: str) -> Site:
        made.append(Site({"version": version}))
        return made[-1]

    yield make
    assert [crash for one in made for crash in one.world.crashes] == []
