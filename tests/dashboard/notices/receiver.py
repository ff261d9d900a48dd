"""A webhook that is really there."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class Webhook(HTTPServer):
    """Takes what Apprise posts; ``status`` is what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.got = 200, list[dict[str, Any]]()

    @property
    def url(self) -> str:
        return f"json://oncall:pass-word-of-it@127.0.0.1:{self.server_port}/hook"

    @property
    def titles(self) -> list[str]:
        return [got["title"] for got in self.got]


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status == 200:
            self.server.got.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Nothing on the terminal."""
