"""The CRM agent writes down what customers say, also to people, and never speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.agents.engine import Conversation
from relevo.agents.engine.crm import CrmAgent
from relevo.agents.understanding import build_offline_reader

if TYPE_CHECKING:
    from relevo.agents.engine import PlaybookAgent


def crm(agent: PlaybookAgent) -> CrmAgent:
    return CrmAgent(agent.book, build_offline_reader(agent.book.playbook))


async def test_contact_fields_and_name(tostadora: PlaybookAgent) -> None:
    talk = Conversation(tostadora)
    talk.person_says("¿A dónde te lo envío?")
    turn = talk.turn_input((talk.message("soy Ana Ruiz, Medellín, calle 45 # 20-15, quiero 2"),))
    update = await crm(tostadora).observe(turn)
    assert update.contact_name == "Ana Ruiz"
    assert update.contact_fields == {"nombre": "Ana Ruiz", "ciudad": "Medellín", "direccion": "Calle 45 # 20-15"}
    assert update.state is not None
    assert update.state["slots"]["pack"] == "bolsa2"
    assert update == await crm(tostadora).observe(turn)


async def test_corrections_reach_the_open_order_at_its_own_prices(tostadora: PlaybookAgent) -> None:
    talk = Conversation(tostadora)
    await talk.say("quiero 2 bolsas en grano, soy Ana Ruiz, Medellín, calle 45 # 20-15, nequi")
    await talk.say("sí")
    talk.person_says("¿Algo más?")
    turn = talk.turn_input((talk.message("la dirección es Carrera 70 # 44-20"),))
    update = await crm(tostadora).observe(turn)
    assert update.order is not None
    assert update.order.fields["direccion"] == "Carrera 70 # 44-20"
    assert update.order.lines == talk.orders[0].lines
    talk.set_order_status("despachado")
    late = await crm(tostadora).observe(talk.turn_input((talk.message("la dirección es Carrera 70 # 44-20"),)))
    assert late.order is None


async def test_nothing_to_write_down(tostadora: PlaybookAgent) -> None:
    talk = Conversation(tostadora)
    for text in ("gracias", "", "cuánto vale?"):
        update = await crm(tostadora).observe(talk.turn_input((talk.message(text),)))
        assert update.empty
        assert update.state is None
