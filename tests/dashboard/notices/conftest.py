"""Where messages arrive."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.dashboard.notices.receiver import Webhook


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
