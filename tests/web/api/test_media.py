"""Customers' files: fetched with the channel's token, shown only where that is harmless, gone in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from relevo.web.api import media_shelf
from support.api import api_of
from support.echo_agent import EchoAgent
from support.shop import shop

if TYPE_CHECKING:
    import httpx2

    from support.service import Service

PICTURE = bytes(range(256)) * 40


async def path_of(service: Service) -> str:
    """Where the newest file is."""
    (row,) = await service.rows(
        "select id, conversation_id from messages where direction = 'in' order by arrival desc limit 1"
    )
    return f"/conversations/{row['conversation_id']}/messages/{row['id']}/media"


def assert_no_token(answer: httpx2.Response) -> None:
    assert b"simulated-access-token" not in answer.content
    assert "simulated-access-token" not in str(answer.headers)


async def test_a_picture_is_shown_whole_in_part_and_from_the_browsers_cache(database_url: str) -> None:
    async with shop(database_url, EchoAgent()) as (sim, service), api_of(service) as http:
        await sim.customer("573001112222").send_image(PICTURE, caption="mi foto")
        await sim.delivered()
        await service.idle()
        path = await path_of(service)
        shown = await http.get(path)
        assert (shown.status_code, shown.content) == (200, PICTURE)
        assert (shown.headers["content-type"], shown.headers["content-disposition"]) == ("image/jpeg", "inline")
        assert shown.headers["cache-control"] == "private, max-age=604800, immutable"
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert_no_token(shown)
        for asked, status, content in (
            ("bytes=0-9", 206, PICTURE[:10]), ("bytes=10200-", 206, PICTURE[10200:]), ("bytes=-5", 206, PICTURE[-5:]),
            ("bytes=99999-", 416, b""), ("bytes=0-1,3-4", 200, PICTURE), ("lines=1-2", 200, PICTURE),
            ("bytes=-0", 416, b""), ("bytes=5-2", 416, b""),
        ):  # fmt: skip
            part = await http.get(path, headers={"Range": asked})
            assert (part.status_code, part.content) == (status, content), asked
        again = await http.get(path, headers={"If-None-Match": shown.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        kept = await http.get(path, params={"download": "true"})
        assert kept.headers["content-disposition"] == "attachment"


@pytest.mark.parametrize("mime_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "application/pdf", "x"])
async def test_what_a_browser_might_run_is_only_downloaded(database_url: str, mime_type: str) -> None:
    async with shop(database_url, EchoAgent()) as (sim, service), api_of(service) as http:
        evil = b"<script>alert(1)</script>"
        name = 'añ"o\r\n.html'
        await sim.customer("573001112222").send_media("document", evil, mime_type=mime_type, filename=name)
        await sim.delivered()
        await service.idle()
        answer = await http.get(await path_of(service))
        assert (answer.status_code, answer.content) == (200, evil)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%C3%B1%22o%0D%0A.html"


async def test_a_file_too_large_to_be_held_is_passed_on_as_it_comes(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_shelf, "KEPT_BYTES", 1000)
    async with shop(database_url, EchoAgent()) as (sim, service), api_of(service) as http:
        await sim.customer("573001112222").send_image(PICTURE)
        await sim.delivered()
        await service.idle()
        answer = await http.get(await path_of(service))
        assert (answer.status_code, answer.content) == (200, PICTURE)
        assert (answer.headers["content-length"], answer.headers["content-disposition"]) == ("10240", "attachment")


async def test_a_file_whatsapp_has_no_longer_is_gone_in_words(database_url: str) -> None:
    async with shop(database_url, EchoAgent()) as (sim, service), api_of(service) as http:
        await sim.customer("573001112222").send_image(PICTURE)
        await sim.delivered()
        await service.idle()
        path = await path_of(service)
        sim.world.media.forget()
        gone = await http.get(path)
        assert (gone.status_code, gone.json()["code"]) == (410, "media_gone")
        assert_no_token(gone)


async def test_a_provider_that_is_away_is_no_reason_to_forget_a_file(database_url: str) -> None:
    async with shop(database_url, EchoAgent()) as (sim, service), api_of(service) as http:
        await sim.customer("573001112222").send_image(PICTURE)
        await sim.delivered()
        await service.idle()
        path = await path_of(service)
        await service.write("update channels set api_url = 'http://127.0.0.1:9'")
        away = await http.get(path)
        assert (away.status_code, away.json()["code"]) == (502, "media_unavailable")
        await service.write("update channels set api_url = null")
        assert (await http.get(path)).content == PICTURE


async def test_a_message_without_a_file_and_another_shops_have_none(database_url: str) -> None:
    async with shop(database_url, EchoAgent()) as (sim, service), api_of(service) as http:
        await sim.customer("573001112222").say("hola")
        await sim.delivered()
        await service.idle()
        path = await path_of(service)
        answer = await http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_templates_are_told_with_what_they_need(database_url: str) -> None:
    async with shop(database_url, EchoAgent()) as (sim, service), api_of(service) as http:
        (channel,) = await service.rows("select id from channels")
        path = f"/channels/{channel['id']}/templates"
        early = await http.get(path)
        assert (early.status_code, early.json()["code"]) == (409, "conflict")
        await sim.customer("573001112222").say("hola")
        await sim.delivered()
        await service.idle()
        answer = await http.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = {item["name"]: item for item in answer.json()["items"]}
        assert set(found) == {"recordatorio", "envio_en_camino", "promo_de_la_semana"}
        reminder = found["recordatorio"]
        assert (reminder["variables"], reminder["sendable"], reminder["language"]) == (["1", "2"], True, "es")
        assert found["envio_en_camino"]["buttons"] == [{"type": "QUICK_REPLY", "text": "Gracias"}]
        assert (found["promo_de_la_semana"]["header"], found["promo_de_la_semana"]["sendable"]) == ("IMAGE", False)
        await service.write("update channels set api_url = 'http://127.0.0.1:9'")
        assert (await http.get(path)).json() == answer.json()
        missing = await http.get(f"/channels/{service.workspace_id}/templates")
        assert missing.status_code == 404
