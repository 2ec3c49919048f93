"""What a letter may say: one recipient's part, each value with how firmly it stands, and the gaps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.domain.alert import Signal
from breach_service.domain.conditions import NumberRange
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.dossier import Dossier
from breach_service.domain.drafts import (
    Choice,
    Draft,
    Field,
    FieldKind,
    Notice,
    Section,
    gap_in_words,
    gaps_in,
    languages_for,
    notice_for,
    slug_of,
    split_at_gaps,
)
from breach_service.domain.facts import Provenance, Scope, ScopeKind
from breach_service.domain.inventory import Role
from breach_service.domain.known import Standing
from breach_service.errors import NotFound
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

AUVRALIS = Scope(ScopeKind.CLIENT, "training/auvralis")
BILLING = Scope(ScopeKind.ACTIVITY, "billing")


def a_notice(dossier: Dossier, recipient: str) -> Notice:
    """The notice of a dossier to one recipient, with the words of the playbooks."""
    return notice_for(dossier, obligation_to(dossier, recipient), signal_words(), NOW, fact_types())


class TestGaps:
    """A missing value is announced in brackets and found again, whatever was written around it."""

    @given(
        st.text(alphabet="abcé ’\u202f:,", min_size=1).map(str.strip).filter(lambda what: what.strip(" :\u202f\u00a0")),
        st.sampled_from(["fr", "en"]),
        st.text(alphabet="abcé .\n"),
    )
    def test_a_gap_is_found_again_in_the_text_around_it(self, what: str, language: str, around: str) -> None:
        text = f"{around}{gap_in_words(what, language)}{around}"
        assert len(gaps_in(text)) == 1
        assert "".join(piece for piece, _ in split_at_gaps(text)) == text

    def test_the_two_languages_announce_it_in_their_own_words(self) -> None:
        assert gap_in_words("le nom", "fr") == "[À COMPLÉTER\u00a0: le nom]"
        assert gap_in_words("the name", "en") == "[TO BE COMPLETED: the name]"

    def test_a_gap_typed_by_hand_with_an_ordinary_space_counts_too(self) -> None:
        assert gaps_in("Contenu : [À COMPLÉTER : IBAN complets ou non].") == ("IBAN complets ou non",)


class TestDraft:
    """A draft counts what is filled in and reads as one text."""

    @pytest.fixture
    def draft(self) -> Draft:
        first = Section("a", "Dates", (Field("Début", FieldKind.LINE, "hier"),))
        boxes = (Choice("Initiale", True), Choice("Complète", False))
        choice = Field("Type", FieldKind.CHOICE, "☒ Initiale\n☐ Complète\n\n[À COMPLÉTER : type]", boxes)
        return Draft("cnil", "fr", "CNIL", "Objet", (first, Section("b", "Type", (choice,))))

    def test_a_section_with_a_gap_is_not_filled(self, draft: Draft) -> None:
        assert (draft.filled, draft.total) == (1, 2)
        assert draft.gaps == ("type",)

    def test_the_whole_text_holds_subject_titles_labels_and_values_in_order(self, draft: Draft) -> None:
        text = draft.as_text()
        parts = ["Objet", "1. Dates", "Début\u00a0: hier", "2. Type", "Type\n☒ Initiale\n☐ Complète"]
        assert sorted(parts, key=text.index) == parts

    def test_the_remark_beneath_the_boxes_stands_apart_from_them(self, draft: Draft) -> None:
        assert draft.sections[1].fields[0].remark == "[À COMPLÉTER : type]"

    def test_one_changed_letter_changes_the_digest(self, draft: Draft) -> None:
        assert draft.digest != replace(draft, subject="Objets").digest
        assert draft.digest == replace(draft).digest


class TestWhichLetter:
    """Each duty but the register has its letter, in the language of whom it is for."""

    def test_authority_client_and_persons_have_each_their_letter(self) -> None:
        dossier = a_dossier()
        slugs = [slug_of(obligation_to(dossier, one)) for one in ("cnil", "client:auvralis", "persons")]
        assert slugs == ["cnil", "client", "persons"]

    def test_the_register_has_no_letter(self) -> None:
        register = next(one for one in a_dossier().obligations if one.duty is DutyKind.REGISTER)
        with pytest.raises(ValueError, match="no letter"):
            slug_of(register)

    def test_a_client_is_written_to_in_its_language_and_the_cnil_in_french(self) -> None:
        dossier = a_dossier()
        first = {one: languages_for(dossier, obligation_to(dossier, one))[0] for one in ("cnil", "client:brumelac")}
        assert first == {"cnil": "fr", "client:brumelac": "en"}
        assert a_notice(dossier, "client:brumelac").language == "en"

    def test_a_part_that_has_left_the_incident_cannot_be_written_about(self) -> None:
        dossier = a_dossier()
        strange = replace(obligation_to(dossier, "cnil"), perimeter="client:gone")
        with pytest.raises(NotFound, match="client:gone"):
            notice_for(dossier, strange, signal_words(), NOW, fact_types())


class TestOnlyThatRecipient:
    """A notice holds nothing that concerns anybody else, and nothing that a sender or a person wrote freely."""

    def test_a_clients_notice_names_no_other_client_no_provider_and_no_activity_of_ours(self) -> None:
        notice = a_notice(a_dossier(**everything_known()), "client:auvralis")
        said = repr(notice)
        assert "Auvralis" in said
        assert not [
            word for word in ("Brumelac", "brumelac", "Hébergis", "facturation", "crm-factures") if word in said
        ]

    @pytest.mark.parametrize("recipient", ["cnil", "persons", "client:auvralis"])
    def test_no_alert_title_user_address_author_or_note_is_part_of_it(self, recipient: str) -> None:
        said = repr(a_notice(a_dossier(**everything_known()), recipient))
        forbidden = ("c99.php", "jdupont", "203.0.113.9", "Rémi Carvalhal", "vu sur le poste", "edge-probe")
        assert not [word for word in forbidden if word in said]

    @pytest.mark.parametrize(
        "scope", [Scope(), Scope(ScopeKind.SYSTEM, "crm-factures"), Scope(ScopeKind.ACTIVITY, "training")]
    )
    def test_a_figure_that_covers_several_clients_stays_out_of_each_clients_notice(self, scope: Scope) -> None:
        notice = a_notice(a_dossier(facts=[a_fact("records.number", 77777, scope)]), "client:auvralis")
        assert notice.fact("records.number").is_missing
        assert "77777" not in repr(notice)

    def test_a_figure_recorded_for_that_client_is_part_of_it(self) -> None:
        notice = a_notice(a_dossier(facts=[a_fact("records.number", 500, AUVRALIS)]), "client:auvralis")
        assert notice.fact("records.number").number == NumberRange(500, 500)

    def test_where_only_one_controller_is_touched_a_figure_of_the_whole_incident_is_its_own(self) -> None:
        parts = an_inventory().model_dump(mode="json", by_alias=True)
        alone = an_inventory(systems=[{**parts["systems"][0], "activities": ["billing"]}])
        notice = a_notice(a_dossier(inventory=alone, facts=[a_fact("records.number", 77777)]), "cnil")
        assert notice.fact("records.number").number == NumberRange(77777, 77777)

    def test_durations_are_the_same_for_all_and_are_told_to_all(self) -> None:
        notice = a_notice(a_dossier(facts=[a_fact("exposure.duration_hours", 2)]), "client:auvralis")
        assert notice.fact("exposure.duration_hours").is_established

    def test_only_signals_of_that_recipients_systems_are_told(self) -> None:
        episodes = [
            an_episode(Signal.EXFILTRATION, systems=("crm-factures",)),
            an_episode(Signal.MALWARE, systems=("elsewhere",), fingerprint="f2"),
            an_episode(Signal.SCAN, systems=(), fingerprint="f3"),
        ]
        notice = a_notice(a_dossier(episodes=episodes), "client:auvralis")
        assert notice.signals == (signal_words()[Signal.EXFILTRATION], signal_words()[Signal.SCAN])

    def test_what_machines_say_all_day_is_not_told(self) -> None:
        episodes = [an_episode(one, fingerprint=one) for one in (Signal.HEARTBEAT, Signal.ROUTINE, Signal.OPERATIONS)]
        assert a_notice(a_dossier(episodes=episodes), "cnil").signals == ()

    def test_signals_are_told_once_each_in_the_order_of_time(self) -> None:
        later = FIRST_ALERT + timedelta(minutes=9)
        episodes = [
            an_episode(Signal.EXFILTRATION, occurred_at=later),
            an_episode(Signal.WEB_SHELL, fingerprint="f2"),
            an_episode(Signal.WEB_SHELL, occurred_at=later, fingerprint="f3"),
        ]
        words = signal_words()
        notice = a_notice(a_dossier(episodes=episodes), "cnil")
        assert notice.signals == (words[Signal.WEB_SHELL], words[Signal.EXFILTRATION])

    def test_an_instant_of_another_part_does_not_count_here(self) -> None:
        elsewhere = an_instant("aware_at", NOW, perimeter="client:brumelac")
        assert a_notice(a_dossier(instants=[elsewhere]), "client:auvralis").at("aware_at") is None
        assert a_notice(a_dossier(instants=[elsewhere]), "client:brumelac").at("aware_at") == NOW


class TestHowFirmly:
    """Missing, not yet known, taken from the inventory, suggested by an alert, established: five different things."""

    @pytest.mark.parametrize(
        ("provenance", "raw", "standing"),
        [
            (None, None, Standing.MISSING),
            (Provenance.ALERT, "unknown", Standing.MISSING),
            (Provenance.PERSON, "unknown", Standing.OPEN),
            (Provenance.ALERT, "yes", Standing.SUSPECTED),
            (Provenance.RULE, "yes", Standing.SUSPECTED),
            (Provenance.INVENTORY, "yes", Standing.ASSUMED),
            (Provenance.PERSON, "yes", Standing.ESTABLISHED),
        ],
    )
    def test_a_loss_stands_as_firmly_as_who_spoke_for_it(
        self, provenance: Provenance | None, raw: Any, standing: Standing
    ) -> None:
        facts = [a_fact("loss.confidentiality", raw, provenance=provenance)] if provenance else []
        assert a_notice(a_dossier(facts=facts), "cnil").loss("confidentiality").standing is standing

    def test_where_a_person_excluded_any_compromise_the_losses_are_excluded_as_firmly(self) -> None:
        dossier = a_dossier(facts=[a_fact("loss.integrity", "yes"), a_fact("incident.compromise_suspected", "no")])
        notice = a_notice(dossier, "client:auvralis")
        assert notice.loss("availability").is_no
        assert notice.loss("availability").is_established
        assert notice.loss("integrity").is_yes

    def test_the_words_of_a_set_come_in_the_order_of_its_choices(self) -> None:
        fact = a_fact("measures.taken", ["complaint_filed", "isolated"])
        known = a_notice(a_dossier(facts=[fact]), "cnil").fact("measures.taken")
        assert [text.fr for text in known.words] == ["Système isolé", "Plainte déposée"]
        assert known.has("isolated")
        assert not known.has("restored")


class TestData:
    """The inventory says what the activities hold; a person says what was touched."""

    def test_until_somebody_says_more_all_data_of_the_activity_are_concerned(self) -> None:
        notice = a_notice(a_dossier(), "cnil")
        assert notice.data == {"civil_status", "contact", "financial"}
        assert notice.fact("data.categories").is_assumed

    def test_a_persons_word_narrows_the_data_down(self) -> None:
        notice = a_notice(a_dossier(facts=[a_fact("data.categories", ["contact"], BILLING)]), "cnil")
        assert [one.id for one in notice.data_categories] == ["e-mail"]

    def test_what_a_person_adds_to_the_inventory_is_named(self) -> None:
        notice = a_notice(a_dossier(facts=[a_fact("data.special_categories", ["health"], BILLING)]), "cnil")
        assert notice.has_data("health")
        assert [(one.name.fr, one.is_special) for one in notice.further_data] == [("Santé", True)]

    def test_special_categories_that_a_person_excluded_are_no_longer_told(self) -> None:
        sick = {
            "id": "sick",
            "name": {"fr": "arrêts maladie", "en": "sick leaves"},
            "cnil": "health",
            "is_special": True,
        }
        raw = an_inventory().model_dump(mode="json", by_alias=True)
        billing = {**raw["activities"][0], "data": ["identity", "sick"]}
        inventory = an_inventory(
            data_categories=[*raw["data_categories"], sick], activities=[billing, raw["activities"][1]]
        )
        assert a_notice(a_dossier(inventory=inventory), "cnil").has_data("health")
        excluded = a_dossier(inventory=inventory, facts=[a_fact("data.special_categories", [], BILLING)])
        assert not a_notice(excluded, "cnil").has_data("health")

    def test_persons_of_several_activities_are_at_least_the_largest_and_at_most_all(self) -> None:
        raw = an_inventory().model_dump(mode="json", by_alias=True)
        support = {**raw["activities"][0], "id": "support", "number_of_persons": [40, 60]}
        system = {**raw["systems"][0], "activities": ["billing", "support"]}
        inventory = an_inventory(activities=[raw["activities"][0], support], systems=[system], clients=[])
        number = a_notice(a_dossier(inventory=inventory), "cnil").number_of_persons
        assert number.number == NumberRange(1100, 1360)
        assert number.is_assumed


class TestTimes:
    """When it ended, whether the notice is late, what was sent before."""

    def test_it_ended_as_long_after_it_began_as_a_person_said(self) -> None:
        began = FIRST_ALERT - timedelta(hours=1)
        facts = [a_fact("exposure.duration_hours", "2..3")]
        notice = a_notice(a_dossier(facts=facts, instants=[an_instant("occurred_at", began)]), "cnil")
        assert notice.ended == (began + timedelta(hours=2), began + timedelta(hours=3))

    def test_an_open_duration_has_no_end(self) -> None:
        facts = [a_fact("exposure.duration_hours", "30..")]
        notice = a_notice(a_dossier(facts=facts, instants=[an_instant("occurred_at", FIRST_ALERT)]), "cnil")
        assert notice.ended is None

    def test_it_is_late_once_the_due_instant_has_passed_without_a_filing(self) -> None:
        dossier = a_dossier()
        obligation = obligation_to(dossier, "cnil")
        assert obligation.due_at is not None
        after = obligation.due_at + timedelta(seconds=1)
        on_time = replace(obligation, fulfilled_at=NOW)
        assert notice_for(dossier, obligation, {}, after, {}).is_late
        assert not notice_for(dossier, obligation, {}, NOW, {}).is_late
        assert not notice_for(dossier, on_time, {}, after, {}).is_late

    def test_a_notice_after_a_filing_knows_when_the_earlier_one_was_sent_and_its_receipt(self) -> None:
        dossier = a_dossier()
        filing = a_filing(obligation_to(dossier, "cnil"), receipt="FR-2026-42")
        notice = a_notice(replace(dossier, filings=(filing,)), "cnil")
        assert (notice.sent_at, notice.receipt) == (NOW, "FR-2026-42")

    def test_the_authority_learns_when_and_how_the_persons_were_told(self) -> None:
        dossier = a_dossier(**everything_known())
        filing = a_filing(obligation_to(dossier, "persons"), means="registered_letter")
        notice = a_notice(replace(dossier, filings=(filing,)), "cnil")
        assert (notice.persons_told_at, notice.persons_told_by) == (NOW, "registered_letter")

    def test_the_severity_is_the_highest_of_the_losses_that_are_not_excluded(self) -> None:
        facts = [
            a_fact("severity.confidentiality", "limited"),
            a_fact("severity.availability", "maximum"),
            a_fact("severity.integrity", "significant"),
            a_fact("loss.availability", "no"),
        ]
        assert a_notice(a_dossier(facts=facts), "cnil").severity == "significant"
        assert a_notice(a_dossier(), "cnil").severity is None

    def test_the_role_under_which_we_write_is_that_of_the_perimeter(self) -> None:
        assert a_notice(a_dossier(), "client:auvralis").our_role is Role.PROCESSOR
        assert a_notice(a_dossier(), "cnil").our_role is Role.CONTROLLER
