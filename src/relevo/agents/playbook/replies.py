"""What an agent says: bubbles with variants, delays, buttons, lists and media. Rendering is the engine's work."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from relevo.agents.playbook.values import Duration, Form, Name, Text

LANGUAGES = frozenset({"es", "pt", "en"})
MediaKind = Literal["image", "video", "audio", "document", "sticker"]
MEDIA_KINDS: tuple[MediaKind, ...] = ("image", "video", "audio", "document", "sticker")


class ButtonForm(Form):
    """A reply button; tapping it counts as saying its title, or as what it names."""

    title: Text
    """At most 20 characters."""
    intent: Name | None = None
    """The intent a tap stands for."""
    option: str | None = None
    """The option of the asked slot a tap chooses."""


class CatalogButtons(Form):
    """One button (or list row) for each item of the catalogue."""

    catalog: Literal["name"]


def _buttons(value: object) -> object:
    if isinstance(value, list):
        return [{"title": item} if isinstance(item, str) else item for item in value]  # pyright: ignore[reportUnknownVariableType] # whatever YAML holds
    return value


Buttons = Annotated[
    CatalogButtons | tuple[ButtonForm, ...],
    BeforeValidator(_buttons, json_schema_input_type=CatalogButtons | list[str | ButtonForm]),
]


class ListForm(Form):
    """A list of up to ten rows behind one button."""

    button: Text
    """The words on the button, at most 20 characters."""
    rows: Buttons


class BubbleForm(Form):
    """One message: text or variants of it, with what hangs on it."""

    text: Text | None = None
    any_of: Annotated[tuple[Text, ...], Field(max_length=12)] = ()
    """Variants; one is chosen, never the same twice in a row."""
    delay: Duration | None = None
    """Pause before it at preset `real`; by length when not given."""
    priority: Literal["normal", "complementary"] = "normal"
    """`complementary`: left out when it was said before, or when many things are to be said."""
    when: str | None = None
    """A condition (see docs/playbook.md)."""
    buttons: Buttons | None = None
    list: ListForm | None = None
    image: str | None = None
    video: str | None = None
    audio: str | None = None
    document: str | None = None
    sticker: str | None = None
    asks: Name | None = None
    """The slot this bubble asks for, where it is not plain from `{slots.….ask}`."""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if self.text is not None and self.any_of:
            raise ValueError("give `text` or `any_of`, not both")
        media = [kind for kind in MEDIA_KINDS if getattr(self, kind)]
        if len(media) > 1:
            raise ValueError(f"one bubble carries one medium, this has {' and '.join(media)}")
        if self.text is None and not self.any_of and not media:
            raise ValueError("a bubble needs `text`, `any_of` or a medium")
        if self.buttons is not None and self.list is not None:
            raise ValueError("a bubble has buttons or a list, not both")
        return self

    @property
    def variants(self) -> tuple[Text, ...]:
        """The wordings to choose among; empty for media without a caption."""
        return self.any_of or (() if self.text is None else (self.text,))

    @property
    def media(self) -> tuple[MediaKind, str] | None:
        """Kind and link of the medium."""
        for kind in MEDIA_KINDS:
            if link := getattr(self, kind):
                return kind, str(link)
        return None


def _bubble(value: object) -> object:
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, dict) and value and LANGUAGES.issuperset(value):  # pyright: ignore[reportUnknownArgumentType] # whatever YAML holds
        return {"text": value}  # pyright: ignore[reportUnknownVariableType] # as above
    return value  # pyright: ignore[reportUnknownVariableType] # as above


BubbleSpec = Annotated[BubbleForm, BeforeValidator(_bubble, json_schema_input_type=str | BubbleForm | Text)]


def _bubbles(value: object) -> object:
    return [value] if isinstance(value, (str, dict)) else value  # pyright: ignore[reportUnknownVariableType] # as above


Reply = Annotated[
    tuple[BubbleSpec, ...],
    Field(min_length=1, max_length=10),
    BeforeValidator(_bubbles, json_schema_input_type=str | BubbleForm | Text | list[str | BubbleForm | Text]),
]
"""Bubbles in order."""

Say = Annotated[Name | Reply, Field(union_mode="left_to_right")]
"""The name of a reply (one lower-case word), or words written in place."""
