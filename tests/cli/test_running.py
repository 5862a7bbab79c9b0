"""`relevo serve` and `relevo worker` as processes: they start only on the right schema, and stop tidily."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import httpx2
import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SECONDS = 60


def environment(database_url: str, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RELEVO_")}
    own = {"database_url": database_url, "secret_key": "a test key, long enough", "port": "0", **settings}
    return {**kept, **{f"RELEVO_{name.upper()}": value for name, value in own.items()}}


@contextmanager
def started(*arguments: str, env: dict[str, str]) -> Generator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Start `relevo …` and wait for its word that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "relevo", *arguments, "--json"],
        env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.rstrip() == "}":
                break
        assert lines, process.communicate()[1]
        yield process, json.loads("".join(lines))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=SECONDS)


def ended(process: subprocess.Popen[str]) -> int:
    """Wait for the end without closing what the process reads."""
    return process.wait(timeout=SECONDS)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_service_with_worker_answers_and_stops_tidily(database_url: str, how: signal.Signals) -> None:
    with started("serve", "--worker", env=environment(database_url)) as (process, told):
        (url,) = told["urls"]
        assert httpx2.get(f"{url}/readyz", timeout=10).json() == {"ready": True}
        assert httpx2.get(f"{url}/metrics", timeout=10).status_code == 200
        assert httpx2.post(f"{url}/webhooks/whatsapp", content=b"{}", timeout=10).status_code == 401
        assert told["worker"]
        process.send_signal(how)
        assert ended(process) == 0


def test_a_worker_shows_its_health_where_asked(database_url: str) -> None:
    with started("worker", "--metrics-port", "0", env=environment(database_url)) as (process, told):
        (url,) = told["urls"]
        assert httpx2.get(f"{url}/healthz", timeout=10).text == "ok"
        assert "relevo_runs_in_flight" in httpx2.get(f"{url}/metrics", timeout=10).text
        assert httpx2.post(f"{url}/webhooks/whatsapp", content=b"{}", timeout=10).status_code == 404
        process.terminate()
        assert ended(process) == 0


def test_a_child_stops_when_its_parent_is_gone(database_url: str) -> None:
    with started("worker", "--until-stdin-closes", env=environment(database_url)) as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        assert ended(process) == 0


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_an_outdated_schema_keeps_it_from_starting(database_url: str, command: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("update alembic_version set version_num = '0001'")
    result = refused(command, env=environment(database_url))
    assert "Run `relevo migrate`" in result


def test_production_without_a_key_does_not_start(database_url: str) -> None:
    env = environment(database_url)
    del env["RELEVO_SECRET_KEY"]
    assert "RELEVO_SECRET_KEY is not set" in refused("serve", env=env)


def test_a_taken_port_is_told(database_url: str) -> None:
    with started("serve", env=environment(database_url)) as (_, told):
        port = told["urls"][0].rsplit(":", 1)[1]
        assert f"Cannot listen on 127.0.0.1:{port}" in refused("serve", env=environment(database_url, port=port))


def test_spans_reach_the_collector_of_the_environment(database_url: str) -> None:
    seen: list[tuple[str, bytes]] = []
    with collector(seen) as url:
        env = {**environment(database_url), "OTEL_EXPORTER_OTLP_ENDPOINT": url}
        with started("serve", env=env) as (process, told):
            httpx2.post(f"{told['urls'][0]}/webhooks/whatsapp", content=b"{}", timeout=10)
            process.terminate()
            assert ended(process) == 0
    assert {path for path, _ in seen} == {"/v1/traces"}
    assert any(b"webhook" in body for _, body in seen)


@contextmanager
def collector(seen: list[tuple[str, bytes]]) -> Generator[str]:
    """Takes what an OTLP exporter sends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.append((self.path, gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - silence
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def refused(command: str, env: dict[str, str]) -> str:
    """Run a command that must not start; returns what it says."""
    result = subprocess.run(
        [sys.executable, "-m", "relevo", command], env=env, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    return result.stderr


def test_help_does_not_wait_for_the_web_server() -> None:
    heavy = ("fastapi", "sqlalchemy", "numpy", "uvicorn")
    code = f"import relevo.cli.commands, sys; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS, check=True)
    assert result.stdout.strip() == "[]"


def test_migrate_says_what_it_did(database_url: str, tmp_path: Path) -> None:
    env = environment(database_url, data_dir=str(tmp_path))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
    answers = [
        json.loads(
            subprocess.check_output([sys.executable, "-m", "relevo", "migrate", "--json"], env=env, timeout=SECONDS)
        )
        for _ in range(2)
    ]
    assert [answer["changed"] for answer in answers] == [True, False]
