"""Every shipped letter, in both languages: with nothing known, with everything known, and never with too much."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breach_service.domain.alert import Signal
from breach_service.domain.dossier import Dossier
from breach_service.domain.drafts import Draft, FieldKind, gaps_in, notice_for, slug_of
from breach_service.domain.facts import Fact, Provenance, Scope, ScopeKind
from breach_service.rendering import Renderer
from breach_service.rendering.letter_check import REQUIRED_SECTIONS
from breach_service.rendering.vocabulary import of_before
from tests.dossier_builders import (
    FIRST_ALERT,
    NOW,
    a_dossier,
    a_fact,
    a_filing,
    an_episode,
    an_instant,
    an_inventory,
    everything_known,
    fact_types,
    obligation_to,
    signal_words,
)

RENDERER = Renderer([Path(__file__).parents[2] / "templates"])
LETTERS = [(recipient, language) for recipient in ("cnil", "client:auvralis", "persons") for language in ("fr", "en")]
every_letter = pytest.mark.parametrize(("recipient", "language"), LETTERS)


def letter(dossier: Dossier, recipient: str, language: str, now: datetime = NOW, zone: str = "Europe/Paris") -> Draft:
    """The draft of one letter of a dossier."""
    obligation = obligation_to(dossier, recipient)
    notice = notice_for(dossier, obligation, signal_words(), now, fact_types())
    return RENDERER.letter(slug_of(obligation), language, zone, notice)


def plain(text: str) -> str:
    """The text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def all_known() -> Dossier:
    """Everything known, the persons told."""
    dossier = a_dossier(**everything_known())
    return replace(dossier, filings=(a_filing(obligation_to(dossier, "persons")),))


class TestNothingKnown:
    """A letter with nothing known shows every gap, and no machine word."""

    @every_letter
    def test_gaps_are_visible_and_nothing_else_is_missing(self, recipient: str, language: str) -> None:
        draft = letter(a_dossier(), recipient, language)
        assert draft.gaps
        assert draft.filled < draft.total
        assert not re.search(r"\bNone\b|\bTrue\b|\bFalse\b|[Uu]nknown_|\bunknown\b", draft.as_text())

    @every_letter
    def test_the_gaps_counted_are_the_gaps_shown(self, recipient: str, language: str) -> None:
        draft = letter(a_dossier(), recipient, language)
        assert gaps_in(draft.as_text()) == draft.gaps
        assert draft.as_text().count("[") == len(draft.gaps)

    @pytest.mark.parametrize("recipient", ["cnil", "persons"])
    def test_not_even_the_system_need_be_known(self, recipient: str) -> None:
        for language in ("fr", "en"):
            assert letter(a_dossier(systems=(), episodes=()), recipient, language).gaps

    @every_letter
    def test_no_field_is_empty(self, recipient: str, language: str) -> None:
        for dossier in (a_dossier(), all_known()):
            draft = letter(dossier, recipient, language)
            assert all(field.value.strip() for section in draft.sections for field in section.fields)


class TestEverythingKnown:
    """A letter with everything known has no gap left."""

    @every_letter
    def test_no_gap_is_left(self, recipient: str, language: str) -> None:
        draft = letter(all_known(), recipient, language)
        assert draft.gaps == ()
        assert draft.filled == draft.total
        assert "[" not in draft.as_text()

    @every_letter
    def test_the_same_dossier_gives_the_same_text(self, recipient: str, language: str) -> None:
        later = NOW + timedelta(hours=3)
        dossier = all_known()
        assert letter(dossier, recipient, language).digest == letter(dossier, recipient, language, later).digest

    def test_a_french_letter_has_no_english_and_the_english_one_no_french_words_of_ours(self) -> None:
        for recipient in ("cnil", "client:auvralis", "persons"):
            assert not re.search(r"\b(the|which|data)\b", letter(all_known(), recipient, "fr").as_text())
            assert not re.search(r"\b(est|sont|données|nous)\b", letter(all_known(), recipient, "en").as_text())


class TestWhatLawAsks:
    """The order of the CNIL form; what Art. 33(2), 33(3) and 34(2) ask for; phases as in Art. 33(4)."""

    @every_letter
    def test_every_required_section_stands_in_its_place(self, recipient: str, language: str) -> None:
        draft = letter(a_dossier(), recipient, language)
        ids = tuple(section.id for section in draft.sections)
        assert ids == REQUIRED_SECTIONS[draft.slug]

    @pytest.mark.parametrize("slug", ["cnil", "client"])
    def test_each_element_of_article_33_3_is_served_by_a_field(self, slug: str) -> None:
        draft = letter(a_dossier(), "cnil" if slug == "cnil" else "client:auvralis", "fr")
        served = {field.article for section in draft.sections for field in section.fields}
        assert {"33(3)(a)", "33(3)(b)", "33(3)(c)", "33(3)(d)"} <= served

    def test_both_languages_have_the_same_fields(self) -> None:
        for recipient in ("cnil", "client:auvralis", "persons"):
            french, english = (letter(all_known(), recipient, language) for language in ("fr", "en"))
            shapes = [
                [[(f.kind, f.article, [c.is_ticked for c in f.choices]) for f in s.fields] for s in draft.sections]
                for draft in (french, english)
            ]
            assert shapes[0] == shapes[1]

    @every_letter
    def test_what_a_person_could_not_establish_is_said_so_and_is_no_gap(self, recipient: str, language: str) -> None:
        names = ["loss.confidentiality", "loss.integrity", "loss.availability", "exfiltration.state", "incident.cause"]
        scopes = [Scope(ScopeKind.ACTIVITY, "billing"), Scope(ScopeKind.CLIENT, "training/auvralis")]
        facts = [a_fact(name, "unknown") for name in names]
        facts += [a_fact("records.number", "unknown", scope) for scope in scopes]
        before = letter(a_dossier(), recipient, language)
        draft = letter(a_dossier(facts=facts), recipient, language)
        assert len(draft.gaps) < len(before.gaps)
        said = r"à ce stade|ne savons pas encore" if language == "fr" else r"at this stage|do not know yet"
        assert re.search(said, draft.as_text())

    def test_a_loss_that_only_an_alert_speaks_for_is_called_suspected(self) -> None:
        fact = a_fact("loss.confidentiality", "yes", provenance=Provenance.ALERT)
        text = letter(a_dossier(facts=[fact]), "client:auvralis", "fr").as_text()
        assert "Confidentialité : atteinte suspectée, non confirmée à ce stade" in plain(text)
        assert text.startswith("Incident de sécurité pouvant toucher")

    def test_boxes_are_ticked_by_what_is_recorded(self) -> None:
        fields = {
            field.label: field for section in letter(all_known(), "cnil", "fr").sections for field in section.fields
        }
        origin = fields["Origine de l’incident"]
        assert origin.kind is FieldKind.CHOICE
        assert [choice.label[:9] for choice in origin.choices if choice.is_ticked] == ["Piratage,"]
        assert origin.value.count("☒") == 1
        assert [one.label for one in fields["Niveau de gravité"].choices if one.is_ticked] == ["Limité"]

    def test_numbers_of_the_inventory_are_not_passed_off_as_numbers_of_victims(self) -> None:
        text = plain(letter(a_dossier(), "client:auvralis", "fr").as_text())
        assert "de 8 900 à 9 300 dans vos traitements ; le nombre de personnes réellement concernées n’est pas" in text

    def test_a_late_notification_asks_for_its_reasons(self) -> None:
        dossier = a_dossier(**everything_known())
        late = letter(dossier, "cnil", "fr", now=FIRST_ALERT + timedelta(hours=90))
        assert any("motifs du retard" in gap for gap in late.gaps)
        assert not any("motifs du retard" in gap for gap in letter(dossier, "cnil", "fr").gaps)

    def test_a_first_notice_is_initial_a_later_one_completes_it_under_its_number(self) -> None:
        dossier = a_dossier()
        ticked = [c.label for c in letter(dossier, "cnil", "fr").sections[0].fields[0].choices if c.is_ticked]
        assert ticked == ["Initiale"]
        filed = replace(dossier, filings=(a_filing(obligation_to(dossier, "cnil"), receipt="FR-2026-42"),))
        completing = letter(filed, "cnil", "fr").sections[0]
        assert [c.label for c in completing.fields[0].choices if c.is_ticked] == ["Complémentaire"]
        assert completing.fields[1].value == "FR-2026-42"

    def test_a_clients_letter_says_when_the_first_one_was_sent(self) -> None:
        dossier = a_dossier()
        filed = replace(dossier, filings=(a_filing(obligation_to(dossier, "client:auvralis")),))
        text = plain(letter(filed, "client:auvralis", "fr").as_text())
        assert "Ce message complète l’information que nous vous avons adressée le dimanche 22 novembre 2026" in text

    def test_a_box_other_that_is_ticked_asks_what_it_stands_for(self) -> None:
        draft = letter(a_dossier(facts=[a_fact("measures.taken", ["isolated", "other"])]), "client:auvralis", "fr")
        assert "autre, à préciser" in draft.gaps


class TestTimes:
    """Instants are told in the zone of the organisation, with the offset of that very instant."""

    @pytest.mark.parametrize(
        ("began", "shown"),
        [
            (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "dimanche 25 octobre 2026 à 02 h 30 (UTC+2)"),
            (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "dimanche 25 octobre 2026 à 02 h 30 (UTC+1)"),
            (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "dimanche 29 mars 2026 à 01 h 59 (UTC+1)"),
            (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "dimanche 29 mars 2026 à 03 h 00 (UTC+2)"),
        ],
    )
    def test_both_sides_of_the_change_of_clocks(self, began: datetime, shown: str) -> None:
        dossier = a_dossier(detected_at=began + timedelta(hours=2), instants=[an_instant("occurred_at", began)])
        assert f"Début : {shown}" in plain(letter(dossier, "client:auvralis", "fr").as_text())

    def test_the_due_instant_across_the_change_is_72_real_hours_later(self) -> None:
        aware = datetime(2026, 10, 23, 16, 30, tzinfo=UTC)
        dossier = a_dossier(detected_at=aware, instants=[an_instant("aware_at", aware)])
        text = plain(letter(dossier, "cnil", "fr", now=aware).as_text())
        assert "Prise de connaissance : vendredi 23 octobre 2026 à 18 h 30 (UTC+2)" in text
        assert "Motifs du retard" in text
        assert "Sans objet." in text
        client = plain(letter(dossier, "client:auvralis", "fr", now=aware).as_text())
        assert "vendredi 23 octobre 2026 à 18 h 30 (UTC+2)" in client


class TestTypography:
    """French letters are set as a printer would, whatever the values are."""

    @pytest.mark.parametrize("recipient", ["cnil", "client:auvralis", "persons"])
    def test_no_ordinary_space_before_a_double_sign_and_no_straight_apostrophe(self, recipient: str) -> None:
        for dossier in (a_dossier(), all_known()):
            text = letter(dossier, recipient, "fr").as_text()
            assert not re.search(r"[^\W\d_]'\w| [:;!?»]|« |\d h \d\d", text)


SECRETS = ("c99.php", "jdupont", "203.0.113.9", "Rémi Carvalhal", "vu sur le poste", "constaté par", "edge-probe")


class TestNeverTooMuch:
    """No alert title, no user, no address, no author; for a client, nothing of another client."""

    @every_letter
    def test_no_free_text_of_senders_or_notes_reaches_a_letter(self, recipient: str, language: str) -> None:
        text = letter(all_known(), recipient, language).as_text()
        assert not [word for word in SECRETS if word in text]

    @given(data=st.data())
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_a_clients_letter_never_holds_another_clients_name_or_number(self, data: st.DataObject) -> None:
        clients = data.draw(some_clients())
        inventory = an_inventory(clients=clients)
        facts = data.draw(some_facts([one["id"] for one in clients]))
        episodes = [an_episode(signal, fingerprint=signal) for signal in data.draw(st.sets(st.sampled_from(Signal)))]
        dossier = a_dossier(inventory=inventory, facts=facts, episodes=episodes)
        told = data.draw(st.sampled_from(clients))
        language = data.draw(st.sampled_from(["fr", "en"]))
        text = plain(letter(dossier, f"client:{told['id']}", language).as_text()).replace(",", " ")
        others = [one for one in clients if one is not told]
        assert told["name"] in text
        assert not [one["name"] for one in others if one["name"] in text]
        ours = {*numbers_of(told), *(fact.value.least for fact in facts if fact.scope.key.endswith(f"/{told['id']}"))}
        theirs = {number for one in others for number in numbers_of(one)} | {fact.value.least for fact in facts}
        shown = {float(digits.replace(" ", "")) for digits in re.findall(r"(?<!\d)(?<!\d )\d{2} \d{3}(?! ?\d)", text)}
        assert shown <= ours
        assert not shown & (theirs - ours)


def numbers_of(client: dict) -> list[float]:
    """Every number of persons of a client of the strategy below."""
    return [float(number) for part in client["activities"] for number in part.get("number_of_persons", ())]


@st.composite
def some_clients(draw: st.DrawFn) -> list[dict]:
    """Two to four clients with names and numbers (of five digits) that occur nowhere else."""
    words = draw(st.lists(st.text("bcdfghjklmnpqrstvwxz", min_size=8, max_size=8), min_size=2, max_size=4, unique=True))
    numbers = iter(draw(st.lists(st.integers(10_000, 98_999), min_size=8, max_size=8, unique=True)))
    clients = []
    for word in words:
        least = next(numbers)
        part = {"activity": "training"}
        if draw(st.booleans()):
            part["number_of_persons"] = (least, least + draw(st.integers(0, 900)))
        language = draw(st.sampled_from(["fr", "en"]))
        clients.append({"id": word, "name": f"Maison {word.title()}", "language": language, "activities": [part]})
    return clients


@st.composite
def some_facts(draw: st.DrawFn, ids: list[str]) -> list[Fact]:
    """Numbers of persons and records: always one that covers several clients, and some for clients or others."""
    wide = [Scope(), Scope(ScopeKind.SYSTEM, "crm-factures"), Scope(ScopeKind.ACTIVITY, "training")]
    scopes = [
        *wide,
        *(Scope(ScopeKind.CLIENT, f"{activity}/{one}") for one in ids for activity in ("training", "*")),
    ]
    names = st.sampled_from(["persons.number", "records.number", "recipients.number"])
    numbers = st.integers(10_000, 99_999)
    several = st.lists(st.tuples(names, numbers, st.sampled_from(scopes), st.sampled_from(Provenance)), max_size=6)
    covering = a_fact("records.number", draw(numbers), draw(st.sampled_from(wide)))
    return [covering, *(a_fact(name, number, scope, by) for name, number, scope, by in draw(several))]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Atelier Nord", "d’"), ("Élan", "d’"), ("Hôpital Sud", "d’"), ("Yverdon", "d’"), ("Œuvres", "d’"),
        ("Commune d’Exemple", "de "), ("Hameau Vert", "de "), ("Yaourts Lenoir", "de "), ("Onze", "de "), ("", "de "),
    ],
)  # fmt: skip
def test_a_name_after_of_is_elided_as_french_does(name: str, words: str) -> None:
    """Before a vowel or a mute h."""
    assert of_before(name) == words
