"""A web server that is killed while people confirm."""

from __future__ import annotations

import http.client
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.test import Client

from tests.faults.hardship import Under
from tests.faults.processes import environment
from tests.support.processes import ROOT, wait_until
from workflows.running import choices

TOKEN = "t" * 32
ANSWER_S = 20.0
KILLED_S = 90.0


class Web:
    """One process that serves the console, and a person's browser."""

    def __init__(self) -> None:
        self.asked: list[Under] = []
        """Whose request has left and has no answer."""
        self.port = random.randrange(20_000, 30_000)
        self._process = self._start()
        eve, _ = User.objects.get_or_create(username="eve", is_superuser=True)
        browser = Client()
        browser.force_login(eve)
        self._cookies = f"sessionid={browser.cookies['sessionid'].value}; csrftoken={TOKEN}"

    def confirm(self, under: Under, death: str = "") -> None:
        """Press the button, and wait for what comes of it; whom the `death` has not met yet, until it has."""
        run = under.run
        row = run.steps.get(index=run.index)
        fields = {"index": row.index, "digest": row.digest, "typed": choices.name_to_type(run, row)}
        headers = {
            "Cookie": self._cookies,
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": "localhost",
        }
        browser = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_S)
        try:
            body = urlencode({**fields, "csrfmiddlewaretoken": TOKEN})
            browser.request("POST", f"/runs/{run.pk}/confirm", body, headers)
            self.asked.append(under)
            if death and not under.struck:
                wait_until(lambda: under not in self.asked, KILLED_S, "the web server to be killed")
            browser.getresponse().read()
        except (OSError, http.client.HTTPException):  # nobody serves just now
            if death:
                under.strike(death, row.index)
        browser.close()
        with suppress(ValueError):
            self.asked.remove(under)

    def kill(self) -> list[Under]:
        """With the requests that have just come in, whose runs are told, and a new one in its place."""
        asked = self.die()
        self.again()
        return asked

    def die(self) -> list[Under]:
        """kill -9, and nobody serves until `again`."""
        self._process.kill()
        asked, self.asked = self.asked, []
        self._process.wait()
        return asked

    def again(self) -> None:
        """At the same port."""
        self._process = self._start()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        words = ("--host", "127.0.0.1", "--port", str(self.port), "--no-access-log", "--lifespan", "off")
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "dashboard.asgi:application",
            *words,
            "--log-level",
            "warning",
        ]
        process = subprocess.Popen(command, cwd=ROOT, env=environment())
        wait_until(lambda: self._answers() or process.poll() is not None, 60, "the web server to answer")
        return process

    def _answers(self) -> bool:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            asked.request("GET", "/healthz", headers={"Host": "localhost"})
            return asked.getresponse().status < http.client.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()


@contextmanager
def web_server() -> Iterator[Web]:
    """Serving until the block ends."""
    web = Web()
    try:
        yield web
    finally:
        web.stop()
