"""Says in a person's words what a failed send means and what to do. Spanish, English, Portuguese."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.whatsapp.provider_errors import Action

if TYPE_CHECKING:
    from relevo.whatsapp.provider_errors import ProviderFailure

_WORDS: dict[str, dict[Action, str]] = {
    "es": {
        Action.RETRY_LATER: "WhatsApp pide ir más despacio; el mensaje se reintenta solo en un momento.",
        Action.TRANSIENT: "WhatsApp tuvo un problema pasajero; el mensaje se reintenta solo.",
        Action.ONCE_MORE: "WhatsApp no pudo tomar el archivo; se intenta una vez más.",
        Action.NEEDS_TEMPLATE: "Pasaron más de 24 horas desde el último mensaje del cliente; solo se puede escribir "
        "con una plantilla aprobada.",
        Action.GIVE_UP: "WhatsApp no acepta este mensaje para este cliente; reintentar no sirve.",
        Action.STOP_CHANNEL: "El número no puede enviar: revise el token, los permisos y los pagos en la cuenta "
        "de WhatsApp.",
        Action.THROTTLE_HARD: "Varios clientes bloquearon o reportaron el número; se envía mucho más despacio.",
    },
    "en": {
        Action.RETRY_LATER: "WhatsApp asks to slow down; the message is retried shortly.",
        Action.TRANSIENT: "WhatsApp had a passing problem; the message is retried.",
        Action.ONCE_MORE: "WhatsApp could not take the file; it is tried once more.",
        Action.NEEDS_TEMPLATE: "More than 24 hours have passed since the customer's last message; only an approved "
        "template can be sent.",
        Action.GIVE_UP: "WhatsApp does not take this message for this customer; trying again does not help.",
        Action.STOP_CHANNEL: "The number cannot send: check its token, permissions and payments in the WhatsApp "
        "account.",
        Action.THROTTLE_HARD: "Several customers blocked or reported the number; messages are sent much more slowly.",
    },
    "pt": {
        Action.RETRY_LATER: "O WhatsApp pede para ir mais devagar; a mensagem é reenviada em instantes.",
        Action.TRANSIENT: "O WhatsApp teve um problema passageiro; a mensagem é reenviada.",
        Action.ONCE_MORE: "O WhatsApp não conseguiu receber o arquivo; tenta-se mais uma vez.",
        Action.NEEDS_TEMPLATE: "Passaram mais de 24 horas desde a última mensagem do cliente; só é possível escrever "
        "com um modelo aprovado.",
        Action.GIVE_UP: "O WhatsApp não aceita esta mensagem para este cliente; tentar de novo não adianta.",
        Action.STOP_CHANNEL: "O número não consegue enviar: confira o token, as permissões e os pagamentos na conta do "
        "WhatsApp.",
        Action.THROTTLE_HARD: "Vários clientes bloquearam ou denunciaram o número; envia-se muito mais devagar.",
    },
}
_UNSETTLED = {
    "es": "WhatsApp no confirmó el envío; puede haber llegado, así que no se repite hasta saberlo.",
    "en": "WhatsApp did not confirm the message; it may have arrived, so it is not repeated until that is known.",
    "pt": "O WhatsApp não confirmou o envio; pode ter chegado, por isso não se repete até saber.",
}
LANGUAGES = tuple(_WORDS)


def explain(failure: ProviderFailure, lang: str = "es") -> str:
    """Return one sentence for a person; `lang` such as `es` or `pt-BR`, English where it is none of ours."""
    language = lang.replace("_", "-").split("-")[0].lower()
    if language not in _WORDS:
        language = "en"
    words = _UNSETTLED[language] if failure.ambiguous else _WORDS[language][failure.action]
    return words if failure.code is None else f"{words} (WhatsApp {failure.code})"
