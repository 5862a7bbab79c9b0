"""The built inbox over HTTP, beside routes of the service; and what is said where it was never built."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from relevo.web.inbox_files import InboxFiles

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import Message

PAGE = "<!doctype html><script type=module src=/assets/app-3f2a.js></script>"
SCRIPT = b"console.log('hola');" * 100


@pytest.fixture
def build(tmp_path: Path) -> Path:
    inbox = tmp_path / "inbox"
    (inbox / "assets").mkdir(parents=True)
    (inbox / "index.html").write_text(PAGE)
    (inbox / "built-from").write_text("digest\n")
    (inbox / "favicon.svg").write_text("<svg/>")
    (inbox / "assets" / "app-3f2a.js").write_bytes(SCRIPT)
    (inbox / "assets" / "app-3f2a.js.gz").write_bytes(gzip.compress(SCRIPT))
    (inbox / "assets" / "app-3f2a.js.br").write_bytes(b"as brotli")
    (tmp_path / "secret.txt").write_text("nobody's business")
    return inbox


@pytest.fixture
async def client(build: Path) -> AsyncGenerator[httpx2.AsyncClient]:
    async with client_of(build) as client:
        yield client


def client_of(directory: Path) -> httpx2.AsyncClient:
    async def known(_: Request) -> PlainTextResponse:
        return PlainTextResponse("known")

    app = Starlette(routes=[Route("/api/v1/known", known)])
    app.router.default = InboxFiles(app.router.not_found, directory)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test")


@pytest.mark.parametrize("path", ["/", "/index.html", "/conversations/018f", "/settings/channels", "/i/to.ken-x_y"])
async def test_every_address_of_the_inbox_is_its_page_asked_for_anew(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


async def test_an_unchanged_page_is_not_sent_again(client: httpx2.AsyncClient) -> None:
    etag = (await client.get("/")).headers["etag"]
    again = await client.get("/conversations", headers={"if-none-match": f'"other", W/{etag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    assert (await client.get("/", headers={"if-none-match": '"other"'})).status_code == 200


async def test_a_hashed_asset_may_be_kept_for_ever(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/assets/app-3f2a.js", headers={"accept-encoding": "identity"})
    assert answer.content == SCRIPT
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("accepts", "gets"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("deflate", None),
        ("", None),
    ],
)
async def test_an_asset_comes_packed_as_the_browser_accepts_it(build: Path, accepts: str, gets: str | None) -> None:
    async with client_of(build) as client:
        request = client.build_request("GET", "/assets/app-3f2a.js", headers={"accept-encoding": accepts})
        answer = await client.send(request, stream=True)
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == gets
    assert answer.headers["vary"] == "accept-encoding"
    assert {"br": b"as brotli", "gzip": None, None: SCRIPT}[gets] in {raw, None}
    assert gets != "gzip" or gzip.decompress(raw) == SCRIPT


async def test_encodings_have_tags_of_their_own(client: httpx2.AsyncClient) -> None:
    plain = await client.get("/assets/app-3f2a.js", headers={"accept-encoding": "identity"})
    packed = await client.get("/assets/app-3f2a.js", headers={"accept-encoding": "gzip"})
    assert plain.headers["etag"] != packed.headers["etag"]


async def test_other_files_of_the_build_are_asked_for_anew(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/favicon.svg")
    assert (answer.text, answer.headers["content-type"]) == ("<svg/>", "image/svg+xml")
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/assets/app-old.js", "/assets/app-3f2a.js.gz", "/favicon.ico", "/robots.txt"])
async def test_a_file_that_is_not_there_is_not_the_page(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "<!doctype" not in answer.text


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "//secret.txt"]
)
async def test_no_path_leads_out_of_the_build(build: Path, path: str) -> None:
    files = InboxFiles(Starlette().router.not_found, build)
    sent: list[bytes] = []

    async def send(message: Message) -> None:
        sent.append(message.get("body", b""))

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    for form in (path, path.replace("%2e", ".")):
        await files({"type": "http", "method": "GET", "path": form, "headers": []}, receive, send)
    assert b"nobody" not in b"".join(sent)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api", "/webhooks/whatsapp", "/healthz/x", "/metrics", "/readyz"])
async def test_what_is_the_services_is_never_the_page(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_names_that_only_begin_like_the_services_are_the_inboxs(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/apiary")).text == PAGE


async def test_head_tells_the_size_alone(client: httpx2.AsyncClient) -> None:
    answer = await client.head("/assets/app-3f2a.js", headers={"accept-encoding": "identity"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(SCRIPT))


async def test_other_methods_are_not_answered_by_the_page(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/conversations")).status_code == 404
    assert (await client.post("/api/v1/known")).status_code == 405


async def test_without_a_build_the_page_says_what_to_run_and_the_rest_works(tmp_path: Path) -> None:
    async with client_of(tmp_path / "none") as client:
        answer = await client.get("/conversations")
        assert answer.status_code == 503
        assert "<code>make inbox</code>" in answer.text
        assert (await client.get("/api/v1/known")).text == "known"
        (tmp_path / "none").mkdir()
        (tmp_path / "none" / "index.html").write_text(PAGE)
        assert (await client.get("/conversations")).text == PAGE
