"""Search: names, numbers and words; whatever the accents; nobody else's; the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.storefront import open_shop

if TYPE_CHECKING:
    from conftest import Asked


async def found(api: Asked, q: str, **parameters: Any) -> dict[str, Any]:
    answer = await api.http.get("/search", params={"q": q, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def texts(answer: dict[str, Any]) -> list[str]:
    return [item["snippet"] for item in answer["messages"]]


async def test_words_are_found_without_accents_or_capitals_the_last_one_unfinished(api: Asked) -> None:
    chat = await api.shop.hears("573000000001", "¿Tienen CAFÉ molido? Mi dirección es Calle 10#20-30")
    await api.shop.hears("573000000002", "solo té")
    for q in ("cafe", "café mol", "DIRECCION", "calle 10 20", "molido caf", "20-3"):
        answer = await found(api, q)
        assert [item["conversation_id"] for item in answer["messages"]] == [str(chat)], q
        assert answer["messages_complete"]
    for q in ("afe", "molid caf", "café té"):
        assert texts(await found(api, q)) == [], q
    hit = (await found(api, "cafe mol"))["messages"][0]
    assert [hit["snippet"][low:high] for low, high in hit["marks"]] == ["CAFÉ", "mol"]


@pytest.mark.parametrize("few", [0, 1000])
async def test_a_short_beginning_beside_whole_words_is_found_however_many_have_them(
    api: Asked, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("relevo.web.api.search.FEW", few)
    for text in ("café molido", "café en grano", "molienda", "un café, ¡Mañana!"):
        await api.shop.hears("573000000001", text)
    assert texts(await found(api, "cafe m")) == ["un café, ¡Mañana!", "café molido"]
    assert texts(await found(api, "cafe mol")) == ["café molido"]
    assert texts(await found(api, "cafe x")) == texts(await found(api, "te m")) == []


async def test_the_newest_come_first_and_pages_follow_each_other(api: Asked) -> None:
    await api.shop.rows("select setval('messages_arrival_seq', 16384 * 3 - 8)")
    written = [f"pedido {n}" for n in range(20)]
    for n, text in enumerate(written):
        await api.shop.hears(f"57300000000{n % 3}", text)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        answer = await found(api, "pedid", limit=6, **({"cursor": cursor} if cursor else {}))
        seen += texts(answer)
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == written[::-1]


async def test_a_conversation_can_be_searched_by_itself(api: Asked) -> None:
    first = await api.shop.hears("573000000001", "quiero dos libras")
    await api.shop.hears("573000000002", "quiero tres libras")
    answer = await found(api, "libras", conversation_id=str(first))
    assert (texts(answer), answer["names"]) == (["quiero dos libras"], [])


async def test_customers_are_found_by_name_and_by_any_end_of_their_number(api: Asked) -> None:
    chat = str(await api.shop.hears("573001234567", "hola"))
    other = str(await api.shop.hears("573119999999", "hola"))
    await api.shop.rows("update contacts set name = 'José Peña' where name = 'Cliente 573001234567' returning id")
    for q in ("jose", "pena jo", "José P"):
        assert [item["id"] for item in (await found(api, q))["names"]] == [chat], q
    for q in ("+57 300 123", "300123", "300 123 4567", "4567", "(300) 123-45"):
        assert [item["id"] for item in (await found(api, q))["numbers"]] == [chat], q
    assert [item["id"] for item in (await found(api, "3119"))["numbers"]] == [other]
    nothing = await found(api, "00")
    assert (nothing["numbers"], nothing["names"]) == ([], [])


async def test_a_name_that_everybody_has_shows_the_newest_chats(api: Asked, monkeypatch: Any) -> None:
    monkeypatch.setattr("relevo.web.api.search.CANDIDATES", 3)
    chats = [str(await api.shop.hears(f"57300000000{n}", "hola")) for n in range(5)]
    answer = await found(api, "cliente", limit=2)
    assert ([item["id"] for item in answer["names"]], answer["names_complete"]) == (chats[:-3:-1], False)


async def test_another_shops_words_are_not_found(api: Asked) -> None:
    elsewhere = await open_shop(api.shop.database)
    await elsewhere.hears("573001234567", "secreto ajeno")
    answer = await found(api, "secreto")
    assert (answer["messages"], answer["names"], answer["numbers"]) == ([], [], [])
    answer = await found(api, "3001234567")
    assert answer["numbers"] == []


async def test_odd_questions_find_nothing_and_break_nothing(api: Asked) -> None:
    await api.shop.hears("573001234567", "it's 100% ok \\ fine 'quoted' 😀")
    for q in ("'", "%", "\\", "😀", "& | !", ":*", "a' | 'b", "__", "x" * 200):
        answer = await found(api, q)
        assert answer["messages"] == [], q
    assert texts(await found(api, "100% ok"))
    assert texts(await found(api, "it's quoted"))
