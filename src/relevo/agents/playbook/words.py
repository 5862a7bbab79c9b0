"""The engine's own small sentences. A playbook may replace each under `words:`; they assert no fact of any shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relevo.agents.playbook.values import Text

WORDS: dict[str, Text] = {
    "back_to": {
        "es": "Y volviendo a tu pedido: {question}",
        "pt": "E voltando ao seu pedido: {question}",
        "en": "And back to your order: {question}",
    },
    "again": {
        "es": "Te lo repito con gusto: {answer}",
        "pt": "Repito com prazer: {answer}",
        "en": "Once more: {answer}",
    },
    "noted": {"es": "Listo, lo anoté ✅", "pt": "Pronto, anotado ✅", "en": "Done, noted ✅"},
    "noted_next": {
        "es": "Anotado ✅ {question}",
        "pt": "Anotado ✅ {question}",
        "en": "Noted ✅ {question}",
    },
    "corrected": {
        "es": "Listo, lo cambié: {changes} ✅",
        "pt": "Pronto, alterei: {changes} ✅",
        "en": "Done, I changed it: {changes} ✅",
    },
    "no_hurry": {
        "es": "Sin afán 😊 Cuando tengas ese dato me lo escribes por aquí y seguimos.",
        "pt": "Sem pressa 😊 Quando tiver esse dado, me escreva por aqui e continuamos.",
        "en": "No hurry 😊 Write it here when you have it and we go on.",
    },
    "retry": {
        "es": "Perdona, no me quedó claro 🙈 {question}",
        "pt": "Desculpe, não ficou claro 🙈 {question}",
        "en": "Sorry, I did not get that 🙈 {question}",
    },
    "not_understood": {
        "es": "Perdona, no te entendí bien 🙈 ¿Me lo cuentas con otras palabras?",
        "pt": "Desculpe, não entendi bem 🙈 Pode me dizer com outras palavras?",
        "en": "Sorry, I did not quite get that 🙈 Could you put it another way?",
    },
    "clarify": {
        "es": "Quiero entenderte bien 😊 ¿Me escribes por alguno de estos temas?",
        "pt": "Quero te entender bem 😊 É sobre algum destes assuntos?",
        "en": "I want to get this right 😊 Is it about one of these?",
    },
    "ask_change": {
        "es": "Claro, ¿qué quieres cambiar? Escríbeme el dato nuevo 😊",
        "pt": "Claro, o que você quer mudar? Me escreva o dado novo 😊",
        "en": "Sure, what would you like to change? Just write the new value 😊",
    },
    "order_changed": {
        "es": "Listo, actualicé tu pedido {order.id} ✅\n{order.summary}",
        "pt": "Pronto, atualizei seu pedido {order.id} ✅\n{order.summary}",
        "en": "Done, I updated your order {order.id} ✅\n{order.summary}",
    },
    "confirm_change": {
        "es": "Tu pedido {order.id} quedaría así:\n{order.summary}\n¿Lo cambio?",
        "pt": "Seu pedido {order.id} ficaria assim:\n{order.summary}\nPosso mudar?",
        "en": "Your order {order.id} would become:\n{order.summary}\nShall I change it?",
    },
    "confirm_again": {
        "es": "¿Confirmo entonces tu pedido por {order.total}? ✅",
        "pt": "Confirmo então o seu pedido de {order.total}? ✅",
        "en": "Shall I confirm your order of {order.total} then? ✅",
    },
    "unchanged": {
        "es": "Tranquilo, tu pedido {order.id} queda como estaba 👍",
        "pt": "Tudo bem, seu pedido {order.id} fica como estava 👍",
        "en": "No problem, your order {order.id} stays as it was 👍",
    },
    "already_ordered": {
        "es": "Tu pedido {order.id} ya está registrado ✅\n{order.summary}\nSi quieres cambiar algo, escríbemelo.",
        "pt": "Seu pedido {order.id} já está registrado ✅\n{order.summary}\nSe quiser mudar algo, me escreva.",
        "en": "Your order {order.id} is already placed ✅\n{order.summary}\nTo change something, just write it.",
    },
    "confirm_cancel": {
        "es": "¿Seguro que cancelo tu pedido {order.id}?",
        "pt": "Quer mesmo cancelar o pedido {order.id}?",
        "en": "Are you sure you want to cancel order {order.id}?",
    },
    "order_cancelled": {
        "es": "Listo, cancelé tu pedido {order.id}. Cuando quieras, aquí estoy.",
        "pt": "Pronto, cancelei seu pedido {order.id}. Quando quiser, estou aqui.",
        "en": "Done, order {order.id} is cancelled. I am here whenever you like.",
    },
    "flow_cancelled": {
        "es": "Sin problema, lo dejamos ahí 😊 Si cambias de idea, escríbeme.",
        "pt": "Sem problema, deixamos assim 😊 Se mudar de ideia, me escreva.",
        "en": "No problem, we leave it there 😊 Write to me if you change your mind.",
    },
    "nothing_to_cancel": {
        "es": "No veo ningún pedido tuyo por cancelar 😊",
        "pt": "Não vejo nenhum pedido seu para cancelar 😊",
        "en": "I see no order of yours to cancel 😊",
    },
    "hello": {
        "es": "¡Hola! 😊 ¿En qué te ayudo?",
        "pt": "Olá! 😊 Como posso ajudar?",
        "en": "Hello! 😊 How can I help?",
    },
    "welcome_back": {
        "es": "¡Hola de nuevo! 😊 ¿En qué te ayudo?",
        "pt": "Olá de novo! 😊 Como posso ajudar?",
        "en": "Hello again! 😊 How can I help?",
    },
    "tell_me": {"es": "Cuéntame 😊", "pt": "Me conte 😊", "en": "Tell me 😊"},
    "fine_later": {
        "es": "¡Listo! Aquí estoy cuando me necesites 😊",
        "pt": "Combinado! Estou aqui quando precisar 😊",
        "en": "All right! I am here when you need me 😊",
    },
    "you_are_welcome": {"es": "¡Con mucho gusto! 😊", "pt": "Por nada! 😊", "en": "You are welcome! 😊"},
    "goodbye": {"es": "¡Que estés muy bien! 👋", "pt": "Até mais, tudo de bom! 👋", "en": "Take care! 👋"},
    "kind_words": {"es": "¡Gracias, qué amable! 😊", "pt": "Obrigada, que gentil! 😊", "en": "Thank you, how kind! 😊"},
    "cannot_read": {
        "es": "Por ahora no puedo abrir eso 🙈 ¿Me lo escribes, por favor?",
        "pt": "Por enquanto não consigo abrir isso 🙈 Pode escrever, por favor?",
        "en": "I cannot open that for now 🙈 Could you write it, please?",
    },
    "opt_out": {
        "es": "Listo, no te escribimos más. Si un día quieres volver, escribe ALTA.",
        "pt": "Pronto, não escrevemos mais. Se um dia quiser voltar, escreva VOLTAR.",
        "en": "Done, we will not write to you again. To come back, write START.",
    },
    "opt_out_how": {
        "es": "Si prefieres que no te escribamos más, responde solo BAJA y listo.",
        "pt": "Se prefere não receber mais mensagens, responda apenas SAIR.",
        "en": "If you prefer that we stop writing, reply with just STOP.",
    },
    "opt_in": {
        "es": "¡Qué bueno tenerte de vuelta! 😊 ¿En qué te ayudo?",
        "pt": "Que bom ter você de volta! 😊 Como posso ajudar?",
        "en": "Good to have you back! 😊 How can I help?",
    },
    "people_now": {
        "es": "En un momento te escriben.",
        "pt": "Em instantes te escrevem.",
        "en": "They will write to you in a moment.",
    },
    "people_later": {
        "es": "Te escriben {when}.",
        "pt": "Te escrevem {when}.",
        "en": "They will write to you {when}.",
    },
    "yes": {"es": "Sí", "pt": "Sim", "en": "Yes"},
    "no": {"es": "No", "pt": "Não", "en": "No"},
    "choose": {"es": "Elegir", "pt": "Escolher", "en": "Choose"},
    "total": {"es": "Total", "pt": "Total", "en": "Total"},
    "today": {"es": "hoy desde las {time}", "pt": "hoje a partir das {time}", "en": "today from {time}"},
    "tomorrow": {"es": "mañana desde las {time}", "pt": "amanhã a partir das {time}", "en": "tomorrow from {time}"},
    "on_day": {"es": "el {day} desde las {time}", "pt": "{day} a partir das {time}", "en": "on {day} from {time}"},
}
DAYS: dict[str, tuple[str, ...]] = {
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "pt": ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
