"""From a request's parameters to an answer, without sockets."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.calls import Call as LoggedCall
from lab.calls import masked
from lab.cloudstack import admission, jobs
from lab.cloudstack.commands import load_all
from lab.cloudstack.envelope import Listing, Reply, error_body, reply
from lab.cloudstack.errors import ApiError
from lab.cloudstack.registry import Call, Command, no_such_entity

if TYPE_CHECKING:
    from lab.cloudstack.admission import Params
    from lab.cloudstack.model import User
    from lab.cloudstack.state import CloudStack
    from lab.world import Process

NOISE = ("apikey", "signature", "signatureversion", "expires", "response", "command")
load_all()


@dataclass
class Exchange:
    """A request on its way through: who, what, and the entry in the log of calls."""

    cloud: CloudStack
    params: Params
    command: Command | None
    user: User | None
    logged: LoggedCall
    method: str = "GET"
    by_session: bool = False
    """The user is known by a login, not by a signature."""

    @property
    def as_json(self) -> bool:
        return self.params.get("response", "").lower() == "json"

    def run(self) -> Process:
        """Do it. The process ends with the ``Reply``; it goes on when the client hangs up."""
        return self.cloud.world.run(self._steps())

    def refuse(self, error: ApiError) -> Reply:
        """The reply to a request that failed."""
        self.logged.outcome = str(error.code)
        key = "errorresponse" if error.bare or self.command is None else self.command.response_key
        return reply(key, error_body(error), as_json=self.as_json, error=error)

    def _steps(self) -> Generator[Any, None, Reply]:
        try:
            command, user = admission.check(self.cloud, self)
            self.cloud.rate_limit.count(self.cloud, user)
            body = yield from _answer(self._call(command, user))
        except ApiError as error:
            return self.refuse(error)
        self.logged.outcome = "ok"
        return reply(command.response_key, body, as_json=self.as_json)

    def _call(self, command: Command, user: User) -> Call:
        call = Call(self.cloud, command, user, _understood(self.cloud, command, self.params))
        for name, kind in command.references():
            if (value := call.text(name)) is not None and value not in self.cloud.table(kind):
                raise no_such_entity(command.name, name, value)
        return call


def _understood(cloud: CloudStack, command: Command, params: Params) -> dict[str, str]:
    """The parameters by lower-cased name, without those that this version does not know yet."""
    unknown = {name for name, since in command.newer.items() if not cloud.version.since(*since)}
    return {name.lower(): value for name, value in params.items() if name.lower() not in unknown}


def _answer(call: Call) -> Generator[Any, None, dict[str, Any]]:
    if call.command.is_async:
        return jobs.begin(call)
    answer = call.command.handler(call)
    result = (yield from answer) if isinstance(answer, Generator) else answer
    return result.body() if isinstance(result, Listing) else result


def receive(
    cloud: CloudStack, params: Params, method: str = "GET", logged_in: User | None = None
) -> Exchange:
    """Take a request in: identify its command and who gives it, and log it as pending."""
    command = admission.known_command(cloud, params)
    user = logged_in or admission.signer(cloud, params)
    arguments = {name: value for name, value in params.items() if name.lower() not in NOISE}
    name = next((value for key, value in params.items() if key.lower() == "command"), "")
    logged = cloud.world.calls.record(
        cloud.now(),
        "cloudstack",
        "cloudstack",
        name,
        masked(arguments),
        session=user.name if user is not None else "",
        changing=command is not None and command.changing,
    )
    return Exchange(cloud, params, command, user, logged, method, logged_in is not None)
