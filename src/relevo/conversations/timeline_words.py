"""Says what happened, and why nothing was said, in the reader's language. Pure; knows no rows but their fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from relevo.conversations.reasons import CHAT_OFF, HANDED_OFF, PERSON, SHOP_OFF, SOMEBODY_ELSE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

_REASONS: dict[str, tuple[str, str, str]] = {
    SHOP_OFF: (
        "El agente está apagado para toda la tienda.",
        "The agent is switched off for the shop.",
        "O agente está desligado para a loja toda.",
    ),
    CHAT_OFF: (
        "El agente está apagado en este chat.",
        "The agent is switched off for this chat.",
        "O agente está desligado nesta conversa.",
    ),
    PERSON: (
        "Una persona tiene la conversación.",
        "A person has the conversation.",
        "Uma pessoa está com a conversa.",
    ),
    SOMEBODY_ELSE: (
        "Ya no era turno del agente: la conversación pasó a otras manos.",
        "It was no longer the agent's turn: the conversation had changed hands.",
        "Já não era a vez do agente: a conversa mudou de mãos.",
    ),
    HANDED_OFF: (
        "La conversación se pasó a una persona.",
        "The conversation was handed to a person.",
        "A conversa foi passada a uma pessoa.",
    ),
    "the customer wrote again": (
        "El cliente volvió a escribir antes; se respondió a todo junto.",
        "The customer wrote again before; everything was answered together.",
        "O cliente escreveu de novo antes; tudo foi respondido junto.",
    ),
    "the customer opted out": (
        "El cliente pidió que no le escriban.",
        "The customer asked not to be written to.",
        "O cliente pediu para não receber mensagens.",
    ),
    "outside the 24-hour window": (
        "Pasaron más de 24 horas desde el último mensaje del cliente: WhatsApp solo permite plantillas.",
        "More than 24 hours since the customer's last message: WhatsApp takes only templates.",
        "Mais de 24 horas desde a última mensagem do cliente: o WhatsApp só permite modelos.",
    ),
    "the only one free": ("la única libre", "the only one free", "a única livre"),
    "never assigned before": ("aún no había recibido ninguna", "never assigned before", "ainda não tinha recebido"),
    "longest since last assigned": (
        "quien hace más tiempo no recibe",
        "longest since last assigned",
        "quem há mais tempo não recebe",
    ),
    "had this customer before": ("ya atendió a este cliente", "had this customer before", "já atendeu este cliente"),
    "took it": ("la tomó", "took it", "assumiu"),
    "assigned by hand": ("asignada a mano", "assigned by hand", "atribuída manualmente"),
    "customer_asked": ("el cliente lo pidió", "the customer asked", "o cliente pediu"),
    "person_asked": ("una persona lo pidió", "a person asked", "uma pessoa pediu"),
    "failed_run": ("el agente falló", "the agent failed", "o agente falhou"),
    "failed_turns": ("no se entendió varias veces", "not understood several times", "não se entendeu várias vezes"),
    "angry": ("el cliente está molesto", "the customer is upset", "o cliente está chateado"),
    "media": ("envió algo que el agente no lee", "sent what the agent cannot read", "enviou algo que o agente não lê"),
    "order_over_limit": ("el pedido supera el límite", "the order is over the limit", "o pedido passa do limite"),
    "reaction": ("Es una reacción.", "It is a reaction.", "É uma reação."),
    "past chat": ("Es del historial importado.", "It is imported history.", "É do histórico importado."),
    "edit of an earlier message": (
        "El cliente corrigió un mensaje anterior.",
        "The customer edited an earlier message.",
        "O cliente editou uma mensagem anterior.",
    ),
    "took an earlier message back": (
        "El cliente borró un mensaje anterior.",
        "The customer deleted an earlier message.",
        "O cliente apagou uma mensagem anterior.",
    ),
    "Meta's own agent holds the chat": (
        "El agente de Meta tiene el chat.",
        "Meta's own agent has the chat.",
        "O agente da Meta está com a conversa.",
    ),
    "opened the chat": (
        "El cliente abrió el chat y no escribió nada.",
        "The customer opened the chat and wrote nothing.",
        "O cliente abriu a conversa e não escreveu nada.",
    ),
    "system notice": ("Es un aviso de WhatsApp.", "It is a notice of WhatsApp's.", "É um aviso do WhatsApp."),
    "opted out already": (
        "Ya había pedido que no le escriban.",
        "They had asked before not to be written to.",
        "Já tinha pedido para não receber mensagens.",
    ),
    "an echo of our own words": (
        "Repitió nuestras propias palabras; parece una respuesta automática.",
        "Our own words came back; it looks like an automatic reply.",
        "Repetiu as nossas próprias palavras; parece uma resposta automática.",
    ),
    "nobody is in the rotation": (
        "nadie está en el reparto",
        "nobody is in the rotation",
        "ninguém está na distribuição",
    ),
    "nobody is online": ("nadie está en línea", "nobody is online", "ninguém está online"),
    "everybody online is at capacity": (
        "todos los que están en línea están ocupados",
        "everybody online is busy",
        "todos os que estão online estão ocupados",
    ),
    "stopped by hand": ("se detuvo a mano.", "it was stopped by hand.", "foi parado à mão."),
    "pedido_cliente": ("el cliente lo pidió", "the customer asked", "o cliente pediu"),
    "queja": ("el cliente tiene una queja", "the customer complains", "o cliente tem uma reclamação"),
    "reclamo": ("el cliente tiene un reclamo", "the customer complains", "o cliente tem uma reclamação"),
    "postventa": ("pregunta por su pedido", "they ask about their order", "pergunta pelo seu pedido"),
    "pago": ("dice que ya pagó", "they say they have paid", "diz que já pagou"),
    "mayoreo": ("quiere comprar al por mayor", "they want to buy wholesale", "quer comprar no atacado"),
    "cancel_order": (
        "quiere cancelar un pedido en camino",
        "they want to cancel an order under way",
        "quer cancelar um pedido a caminho",
    ),
    "same_intent_repeated": (
        "preguntó lo mismo varias veces",
        "they asked the same several times",
        "perguntou a mesma coisa várias vezes",
    ),
    "agent_loop": (
        "parece que responde una máquina",
        "a machine seems to answer",
        "parece que uma máquina responde",
    ),
    "rule:guardrail": (
        "el agente no tenía nada seguro que decir",
        "the agent had nothing safe to say",
        "o agente não tinha nada seguro para dizer",
    ),
    "said in a group": ("Se escribió en un grupo.", "It was said in a group.", "Foi dito em um grupo."),
}
_TEXTS: dict[str, tuple[str, str, str]] = {
    "owned": (
        "{who} tiene la conversación desde las {time}.",
        "{who} has had the conversation since {time}.",
        "{who} está com a conversa desde as {time}.",
    ),
    "team": ("El equipo", "The team", "A equipe"),
    "phone": ("El dueño, en su teléfono,", "The owner, on the phone,", "O dono, no telefone,"),
    "somebody": ("Una persona", "A person", "Uma pessoa"),
    "burst": (
        "Se espera por si el cliente escribe algo más.",
        "Waiting in case the customer writes more.",
        "Aguardando caso o cliente escreva mais.",
    ),
    "working": ("El agente está respondiendo.", "The agent is answering.", "O agente está respondendo."),
    "queued": ("Está por responderse.", "It is about to be answered.", "Está para ser respondida."),
    "retry": (
        "Falló y se reintenta: {error}.",
        "It failed and is tried again: {error}.",
        "Falhou e será tentado de novo: {error}.",
    ),
    "stopped": (
        "El número no puede enviar: {error}",
        "The number cannot send: {error}",
        "O número não pode enviar: {error}",
    ),
    "paused": (
        "El número está en pausa por pedido de WhatsApp.",
        "The number is paused at WhatsApp's request.",
        "O número está em pausa a pedido do WhatsApp.",
    ),
    "provider": (
        "No se entregó; WhatsApp dijo: {error}.",
        "Not delivered; WhatsApp said: {error}.",
        "Não entregue; o WhatsApp disse: {error}.",
    ),
    "unknown": (
        "No se sabe aún si llegó: se espera la confirmación de WhatsApp.",
        "Not known yet whether it arrived: waiting for WhatsApp's confirmation.",
        "Ainda não se sabe se chegou: aguardando a confirmação do WhatsApp.",
    ),
    "planned": ("Por enviarse.", "To be sent.", "A enviar."),
    "sent": ("Enviado.", "Sent.", "Enviada."),
    "delivered": ("Entregado.", "Delivered.", "Entregue."),
    "read": ("Leído.", "Read.", "Lida."),
    "ignored": ("No necesitaba respuesta.", "It needed no answer.", "Não precisava de resposta."),
    "answered": ("Respondido.", "Answered.", "Respondida."),
    "coalesced": (
        "Se respondió junto con el mensaje siguiente.",
        "Answered together with the next message.",
        "Respondida junto com a mensagem seguinte.",
    ),
    "handed_off": ("Se pasó a una persona: {why}.", "Handed to a person: {why}.", "Passada a uma pessoa: {why}."),
    "failed": ("El agente falló: {why}.", "The agent failed: {why}.", "O agente falhou: {why}."),
    "conversation.handed_off": (
        "Se pasó al equipo ({reason}).",
        "Handed to the team ({reason}).",
        "Passada à equipe ({reason}).",
    ),
    "conversation.taken_over": (
        "{who} tomó la conversación.",
        "{who} took the conversation over.",
        "{who} assumiu a conversa.",
    ),
    "conversation.handed_back": (
        "La conversación volvió al agente.",
        "The conversation went back to the agent.",
        "A conversa voltou ao agente.",
    ),
    "conversation.agent_switched": (
        "Se cambió el agente en este chat.",
        "The agent was switched for this chat.",
        "O agente foi alterado nesta conversa.",
    ),
    "task.opened": ("Tarea abierta: {reason}.", "Task opened: {reason}.", "Tarefa aberta: {reason}."),
    "task.assigned": (
        "Tarea asignada a {who} ({why}).",
        "Task assigned to {who} ({why}).",
        "Tarefa atribuída a {who} ({why}).",
    ),
    "task.queued": ("Tarea de vuelta a la cola.", "Task back in the queue.", "Tarefa de volta à fila."),
    "task.commented": ("{who} anotó: {text}", "{who} noted: {text}", "{who} anotou: {text}"),
    "task.snoozed": ("Tarea aplazada.", "Task put off.", "Tarefa adiada."),
    "task.back": ("Vuelve la tarea aplazada.", "The task put off is back.", "A tarefa adiada voltou."),
    "task.overdue": ("Tarea vencida.", "Task overdue.", "Tarefa atrasada."),
    "task.done": ("Tarea terminada.", "Task done.", "Tarefa concluída."),
    "order.created": ("Pedido {number} creado.", "Order {number} created.", "Pedido {number} criado."),
    "order.changed": ("Pedido {number} cambiado.", "Order {number} changed.", "Pedido {number} alterado."),
    "order.cancelled": ("Pedido {number} cancelado.", "Order {number} cancelled.", "Pedido {number} cancelado."),
    "agent/run.failed": ("El agente falló: {error}.", "The agent failed: {error}.", "O agente falhou: {error}."),
}
_ID: Final = re.compile(r"(?:rule:)?\w+")
_COLUMN = {"es": 0, "en": 1, "pt": 2}


def words(key: str, language: str, **values: object) -> str:
    """Return one of our sentences; empty where there is none for `key`."""
    texts = _TEXTS.get(key)
    if texts is None:
        return ""
    text = texts[_COLUMN[language]]
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def reason(text: str, language: str) -> str:
    """Translate a stored reason; an agent's own stay as the agent gave them."""
    known = _REASONS.get(text)
    return known[_COLUMN[language]] if known else text


def handoff_reason(code: str, language: str) -> str:
    """Say why a person was called; a playbook's own reason is an id, made readable."""
    known = reason(code, language)
    plain = known == code and _ID.fullmatch(code) is not None
    return code.removeprefix("rule:").replace("_", " ") if plain else known


def came_of(outcome: str, why: str, language: str) -> str:
    """Say what came of an inbound message. What an agent gives as its reason is told apart, as remarks."""
    if outcome == "ignored":
        return reason(why, language) if why in _REASONS else words("ignored", language)
    told = handoff_reason(why.partition(": ")[0], language) if outcome == "handed_off" else reason(why, language)
    return words(outcome, language, why=told)


def who(row: Mapping[str, Any], language: str, *, prefix: str) -> str:
    """Name who has or took the conversation."""
    if row[f"{prefix}_member"]:
        return str(row[f"{prefix}_member"])
    if prefix == "owner" and row["owner_type"] == "conversation.handed_off":
        return words("team", language)
    data: Mapping[str, Any] = row["event_data"] or {}
    by = row["owner_by"] if prefix == "owner" else data.get("by")
    return words("phone" if by == "phone" else "somebody", language)


def since(at: datetime, zone: ZoneInfo) -> str:
    """Write a time of day in the shop's zone."""
    return at.astimezone(zone).strftime("%H:%M")


def what_became(state: str, drop_reason: str | None, error: Mapping[str, Any] | None, language: str) -> str:
    """Say what became of an outgoing message."""
    if state == "dropped":
        return reason(drop_reason or "", language)
    if state == "failed":
        told = error or {}
        return words("provider", language, error=told.get("details") or told.get("title") or told.get("code") or "?")
    return words({"accepted": "sent", "played": "read", "sending": "planned"}.get(state, state), language)
