"""What each slot parser reads, and above all what it must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from relevo.agents.playbook.model import CatalogItem
from relevo.agents.playbook.slots import (
    AddressSlot,
    ChoiceSlot,
    CitySlot,
    DateSlot,
    EmailSlot,
    FreeSlot,
    NumberSlot,
    OfferSlot,
    PersonSlot,
    PhoneSlot,
    RegionSlot,
    SlotSpec,
)
from relevo.agents.understanding import Match, Problem, SlotContext, parse_slot
from relevo.agents.understanding.slots.places import region_of

ITEMS = (
    CatalogItem(id="uno", name="1 frasco", qty=1, price=59900),
    CatalogItem(id="dos", name="2 frascos", qty=2, price=99900, tag="más vendido"),
    CatalogItem(id="tres", name="3 frascos", qty=3, price=129900, also=("la promo grande",)),
)
ASKED = SlotContext(today=date(2026, 11, 25), items=ITEMS)  # a Wednesday
UNASKED = replace(ASKED, asked=False)
PERSON = PersonSlot(type="person", min_words=2, ask="?")
PHONE = PhoneSlot(type="phone", regions=("CO",), mobile=True, ask="?")
CITY = CitySlot(type="city", ask="?")
REGION = RegionSlot(type="region", ask="?")
ADDRESS = AddressSlot(type="address", country="CO", ask="?")
EMAIL = EmailSlot(type="email", ask="?")
OFFER = OfferSlot(type="offer", ask="?")
GRIND = ChoiceSlot.model_validate({"type": "choice", "options": ["en grano", "media", "fina"], "ask": "?"})
PAY = ChoiceSlot.model_validate({"type": "choice", "options": ["contraentrega", "nequi", "transferencia"], "ask": "?"})
NUMBER = NumberSlot(type="number", min=1, max=100_000, ask="?")
DAY = DateSlot(type="date", within=timedelta(days=400), ask="?")


def read(spec: SlotSpec, text: str, context: SlotContext = ASKED) -> str | None:
    """The value, `!reason` for a problem, None for nothing."""
    outcome = parse_slot(spec, text, context)
    match outcome:
        case Match():
            assert 0 <= outcome.start <= outcome.end <= len(text)
            return outcome.value
        case Problem():
            return "!" + outcome.reason
        case None:
            return None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ana Ruiz", "Ana Ruiz"),
        ("ana maria ruiz gomez", "Ana Maria Ruiz Gomez"),
        ("ANA RUIZ", "Ana Ruiz"),
        ("soy Ana Ruiz", "Ana Ruiz"),
        ("a nombre de juan de la cruz", "Juan de la Cruz"),
        ("María del Pilar Ospina", "María del Pilar Ospina"),
        ("mi nombre es pedro perez y vivo en cali", "Pedro Perez"),
        ("claro, Luis Díaz", "Luis Díaz"),
        ("Sra. Gloria Páez", "Gloria Páez"),
        ("meu nome é João da Silva", "João da Silva"),
        ("my name is Mary O'Neil", "Mary O'Neil"),
        ("Ana", "!min_words"),
        ("sí", None),
        ("no gracias", None),
        ("buenas tardes", None),
        ("cuánto vale", None),
        ("¿Ana qué?", None),
        ("no entiendo", None),
        ("la señora que llamó ayer", None),
        ("quiero 2", None),
        ("a la misma persona", None),
    ],
)
def test_a_name_is_read_and_a_sentence_is_not(text: str, value: str | None) -> None:
    assert read(PERSON, text) == value


@pytest.mark.parametrize(
    "text", ["soy de Cali", "soy diabético", "soy nuevo", "soy mayorista", "me llamo", "nada todo bien"]
)
def test_unasked_only_an_introduction_is_a_name(text: str) -> None:
    assert read(PersonSlot(type="person", ask="?"), text, UNASKED) is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("soy Ana Ruiz", "Ana", "Ruiz"),
        ("soy Ana María Ruiz", "Ana María", "Ruiz"),
        ("soy Juan Gómez Díaz", "Juan", "Gómez Díaz"),
        ("soy José Luis Díaz Mora", "José Luis", "Díaz Mora"),
        ("soy Luz de la Hoz", "Luz", "de la Hoz"),
    ],
)
def test_given_names_and_surnames_are_told_apart(text: str, first: str, last: str) -> None:
    assert read(PersonSlot(type="person", part="first", ask="?"), text) == first
    assert read(PersonSlot(type="person", part="last", ask="?"), text) == last


def test_a_surname_asked_for_alone_may_begin_with_a_particle() -> None:
    surname = PersonSlot(type="person", part="last", ask="?")
    assert read(surname, "de la hoz") == "De la Hoz"
    assert read(surname, "Ruiz Gómez") == "Ruiz Gómez"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("300 123 4567", "+573001234567"),
        ("+57 300-123-45-67", "+573001234567"),
        ("57 3001234567", "+573001234567"),
        ("mi cel es 310.555.22.11", "+573105552211"),
        ("tres diez cuatro cincuenta y seis setenta y ocho noventa", "+573104567890"),
        ("trescientos doce 456 78 90", "+573124567890"),
        ("6012345678", "!not_mobile"),
        ("300 123 456", "!invalid"),
        ("+52 55 1234 5678", "!country"),
        ("$129.900", None),
        ("no tengo", None),
    ],
)
def test_phones_are_read_by_region_however_they_are_written(text: str, value: str | None) -> None:
    assert read(PHONE, text) == value


@pytest.mark.parametrize(
    "text", ["vale 129900", "el pedido 3001234567", "cc 1020304050", "quiero 2 de 69.900", "son las 10:30"]
)
def test_prices_orders_and_documents_are_no_phones(text: str) -> None:
    assert read(PHONE, text, UNASKED) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Medellín", "Medellín"),
        ("medallo", "Medellín"),
        ("bogota dc", "Bogotá"),
        ("vivo en cali", "Cali"),
        ("baranquilla", "Barranquilla"),
        ("villabicencio", "Villavicencio"),
        ("Kúcuta", "Cúcuta"),
        ("estoy en la unión, nariño", "La Unión"),
        ("bucaramanga santander", "Bucaramanga"),
        ("Pto Berrio", "Puerto Berrío"),
        ("para envigado por favor", "Envigado"),
        ("Narnia", "!unknown"),
    ],
)
def test_cities_are_found_under_nicknames_and_misspelt(text: str, value: str) -> None:
    assert read(CITY, text) == value


@pytest.mark.parametrize(
    "text", ["hacen envíos a Pasto", "qué bello", "Une", "buenos aires", "me gusta la victoria", "Toro"]
)
def test_unasked_a_place_must_stand_as_data(text: str) -> None:
    assert read(CITY, text, UNASKED) is None


def test_a_city_says_its_department_unless_several_have_the_name() -> None:
    assert region_of("Medellín") == "Antioquia"
    assert region_of("Cali") == "Valle del Cauca"
    assert region_of("La Unión") is None
    assert read(REGION, "valle") == "Valle del Cauca"
    assert read(REGION, "cundinamarka") == "Cundinamarca"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Cra 15 # 93-60", "Carrera 15 # 93-60"),
        ("cra 15 93 60 apto 301", "Carrera 15 # 93-60, apto 301"),
        ("Cl 45B bis No. 12-08 torre 3 apto 502", "Calle 45B Bis # 12-08, torre 3 apto 502"),
        ("carrera 7a #12b-34 sur, Chapinero", "Carrera 7A # 12B-34 Sur, Chapinero"),
        ("Dg 40 A sur 25 10", "Diagonal 40A Sur # 25-10"),
        ("av boyacá # 80-12", "Avenida Boyacá # 80-12"),
        ("vereda el carmen finca la esperanza", "vereda el carmen finca la esperanza"),
        ("mz 4 casa 12 barrio bosques", "mz 4 casa 12 barrio bosques"),
        ("cra 15", "!numero"),
        ("15 # 93-60", "!via"),
        ("no sé", None),
    ],
)
def test_colombian_addresses_take_the_official_form(text: str, value: str | None) -> None:
    assert read(ADDRESS, text) == value


def test_an_address_leaves_the_city_and_the_name_after_it_alone() -> None:
    assert read(ADDRESS, "Cra 15 # 93-60, Chicó, Bogotá, Ana Ruiz") == "Carrera 15 # 93-60, Chicó"


def test_a_neighbourhood_can_be_needed() -> None:
    needs = AddressSlot(type="address", country="CO", needs=("via", "numero", "barrio"), ask="?")
    assert read(needs, "Cra 15 # 93-60 apto 301") == "!barrio"
    assert read(needs, "Cra 15 # 93-60 apto 301, Chicó") == "Carrera 15 # 93-60, apto 301, Chicó"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Rua das Flores 120, apto 31", "Rua das Flores 120, apto 31"),
        ("742 Evergreen Street", "742 Evergreen Street"),
        ("frente al parque", "!numero"),
    ],
)
def test_addresses_elsewhere_need_a_street_and_a_number(text: str, value: str) -> None:
    assert read(AddressSlot(type="address", country="BR", ask="?"), text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ana@gmail.com", "ana@gmail.com"),
        ("mi correo: Ana.Ruiz@Hotmail.con", "ana.ruiz@hotmail.com"),
        ("ana punto ruiz arroba gmail punto com", "ana.ruiz@gmail.com"),
        ("ana@", "!email"),
        ("no uso correo", None),
    ],
)
def test_mail_addresses_are_read_as_typed_and_as_dictated(text: str, value: str | None) -> None:
    assert read(EMAIL, text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", "dos"),
        ("el de dos", "dos"),
        ("quiero 2", "dos"),
        ("quiero una", "uno"),
        ("dos frascos porfa", "dos"),
        ("mejor 3", "tres"),
        ("la promo grande", "tres"),
        ("la más vendida", "dos"),
        ("el más económico", "uno"),
        ("la última opción", "tres"),
        ("5", "!not_offered"),
    ],
)
def test_an_offer_is_taken_by_quantity_name_or_place(text: str, value: str) -> None:
    assert read(OFFER, text) == value


@pytest.mark.parametrize(
    "text",
    [
        "cuánto valen 2?",
        "valor de 2",
        "y el de 3 a cómo",
        "quanto custa 2",
        "how much for 3",
        "precio de los dos",
        "2mil",
        "$99.900",
        "a las 2",
        "una pregunta",
        "2 y 3",
    ],
)
@pytest.mark.parametrize("context", [ASKED, UNASKED], ids=["asked", "unasked"])
def test_a_price_an_hour_or_a_question_is_never_a_choice_of_offer(text: str, context: SlotContext) -> None:
    assert read(OFFER, text, context) is None


@pytest.mark.parametrize(
    "text", ["2", "tengo 2 hijos", "en 2 días", "dame 1 minuto", "quiero 2 cosas", "calle 3", "el 2 de enero"]
)
def test_unasked_a_bare_number_counts_nothing(text: str) -> None:
    assert read(OFFER, text, UNASKED) is None


@pytest.mark.parametrize(
    ("text", "value"), [("2 frascos", "dos"), ("envíame tres", "tres"), ("me llevo 2", "dos"), ("quero 3", "tres")]
)
def test_unasked_a_quantity_with_a_wish_or_a_unit_is_a_choice(text: str, value: str) -> None:
    assert read(OFFER, text, UNASKED) == value


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        (GRIND, "la media", "media"),
        (GRIND, "grano", "en grano"),
        (GRIND, "molida fina por favor", "fina"),
        (GRIND, "la segunda", "media"),
        (GRIND, "3", "fina"),
        (GRIND, "mediaa", "media"),
        (PAY, "contra entrega", "contraentrega"),
        (PAY, "al recibir", "contraentrega"),
        (PAY, "por neki", "nequi"),
        (PAY, "efectivo", "!option"),
        (PAY, "nequi o transferencia", None),
        (PAY, "cuál es mejor para mí", None),
    ],
)
def test_a_choice_is_read_by_name_place_or_likeness(spec: SlotSpec, text: str, value: str | None) -> None:
    assert read(spec, text) == value


def test_an_option_inside_other_words_is_not_chosen_unasked() -> None:
    assert read(GRIND, "media hora", UNASKED) is None
    assert read(GRIND, "la quiero en grano, porfa", UNASKED) == "en grano"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("dos mil", "2000"),
        ("2mil", "2000"),
        ("mil quinientos", "1500"),
        ("dos mil trescientos cuarenta y cinco", "2345"),
        ("treinta y dos", "32"),
        ("vinte e um", "21"),
        ("una docena", "12"),
        ("media docena", "6"),
        ("un par", "2"),
        ("1.500", "1500"),
        ("twelve", "12"),
        ("0", "!range"),
        ("$20", None),
        ("una pregunta pues", None),
        ("2 o 3", None),
    ],
)
def test_numbers_are_read_in_digits_and_words(text: str, value: str | None) -> None:
    assert read(NUMBER, text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mañana", "2026-11-26"),
        ("mañana por la mañana", "2026-11-26"),
        ("por la mañana", None),
        ("pasado mañana", "2026-11-27"),
        ("depois de amanhã", "2026-11-27"),
        ("el viernes", "2026-11-27"),
        ("el miércoles", "2026-12-02"),
        ("este miércoles", "2026-11-25"),
        ("el viernes de la otra semana", "2026-12-04"),
        ("en ocho días", "2026-12-02"),
        ("en 8 días", "2026-12-03"),
        ("en quince días", "2026-12-09"),
        ("em duas semanas", "2026-12-09"),
        ("15 de agosto", "2027-08-15"),
        ("15/12", "2026-12-15"),
        ("el 3", "2026-12-03"),
        ("sexta-feira", "2026-11-27"),
        ("friday next week", "2026-12-04"),
        ("December 5th", "2026-12-05"),
        ("ayer", "!past"),
        ("30/02", "!date"),
        ("15/12/2029", "!too_far"),
        ("cuando puedan", None),
    ],
)
def test_days_are_read_in_words_and_digits(text: str, value: str | None) -> None:
    assert read(DAY, text) == value


def test_free_text_is_taken_only_when_asked_for_and_bounded() -> None:
    free = FreeSlot(type="free", min_chars=3, max_chars=10, ask="?")
    assert read(free, " sin  azúcar ") == "sin azúcar"
    assert read(free, "ab") == "!too_short"
    assert read(free, "a" * 11) == "!too_long"
    assert read(free, "sin azúcar", UNASKED) is None
