"""What a provider tells us: one incident over what depends on it, questions with a date, answers as facts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import content
from breach_service.acts import incidents as incident_acts
from breach_service.acts import merging as merging_acts
from breach_service.acts.incidents import Declaration, FactCommand
from breach_service.acts.providers import (
    Asking,
    Notified,
    ProviderAnswer,
    ProviderTold,
    ask_provider,
    record_provider_answer,
    record_provider_notice,
)
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.facts import Provenance
from breach_service.domain.incident import EntryKind, InstantKind
from breach_service.domain.inventory import Inventory
from breach_service.domain.providers import NoticeChannel, ProviderNotice, Standing, standing_of
from breach_service.errors import InvalidCommand, NotAllowed, NotFound
from breach_service.pipeline.drafting import letter_to_provider
from breach_service.pipeline.standing import narrowings_of
from breach_service.store import incidents, provider_notices
from breach_service.store.tables import TimelineEntryRow
from tests.deciders import DPO
from tests.pipeline.incoming import WEB_SHELL, Incoming

RESPONDER = Actor("Yanis Ferrachat", UserRole.RESPONDER)
VIEWER = Actor("Maud Sabran", UserRole.VIEWER)
HOUR = timedelta(hours=1)


def act(incoming: Incoming, work: Callable[..., Any], actor: Actor, *command: Any) -> Any:
    """A person does something, now."""
    knowledge, now = incoming.service.knowledge(), incoming.now
    return incoming.service.database.write(lambda session: work(session, actor, *command, knowledge, now))


def told(incoming: Incoming, provider: str = "messaging", **changes: Any) -> Notified:
    """The provider that sends messages told us an hour ago, by mail."""
    values = {"received_at": incoming.now - HOUR, "said": "Accounts of our support were taken over.", **changes}
    done = act(incoming, record_provider_notice, RESPONDER, ProviderTold(provider, **values))
    assert isinstance(done, Notified)
    return done


def notice(incoming: Incoming, number: int = 1) -> ProviderNotice:
    with incoming.service.database.reading() as session:
        return provider_notices.one(session, number)


def put(service: Service, inventory: Inventory) -> None:
    service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, service.now()))


def test_a_notice_opens_one_incident_over_every_system_that_depends_on_the_provider(incoming: Incoming) -> None:
    """Told when it reached us; the playbook of provider's breaches and the page find it by how we learned of it."""
    done = told(incoming, reference="SUP-77")
    dossier = incoming.dossier(done.incident)
    assert dossier.incident.systems == ("application", "database", "mail", "backups")
    assert dossier.incident.detected_at == incoming.now - HOUR
    assert {one.kind for one in dossier.instants} == {InstantKind.TOLD_AT, InstantKind.RECEIVED_AT}
    assert ("incident.discovery", "provider") in {(one.name, one.value) for one in dossier.facts}
    assert dossier.timeline[0].kind is EntryKind.DECLARED
    kept = notice(incoming, done.number)
    assert (kept.incident, kept.name, kept.reference) == (
        done.incident,
        "Prestataire d’envoi hors de l’UE (à compléter)",
        "SUP-77",
    )
    assert standing_of(kept, incoming.now) is Standing.TO_BE_ASKED


def test_only_the_clients_whose_processing_depends_on_the_provider_are_owed_a_notice(incoming: Incoming) -> None:
    """The same systems hold the attendance lists of a client whom this provider sends nothing for."""
    done = told(incoming)
    owed = {one.recipient for one in incoming.dossier(done.incident).obligations if one.duty is DutyKind.CLIENT}
    assert owed == {"client:atelier-exemple", "client:mutuelle-exemple", "client:kilbride-example"}
    assert all(one.withdrawn_at is None for one in incoming.dossier(done.incident).obligations)


def test_clients_clocks_start_when_the_notice_reached_us_and_stay_there(incoming: Incoming, clock: Any) -> None:
    """Whatever is recorded of awareness later: the provider's word is enough to begin (GDPR Art. 33(2))."""
    done = told(incoming)
    received = clock.at - HOUR
    owed = incoming.owed_to("client:kilbride-example", done.incident)
    assert (owed.is_provisional, owed.triggered_at, owed.due_at) == (False, received, received + 24 * HOUR)
    assert incoming.owed_to("cnil", done.incident).is_provisional if _has(incoming, done, "cnil") else True
    clock.at += 9 * HOUR
    awareness = incident_acts.Awareness(clock.at, "Confirmed by their report.")
    incoming.act(incident_acts.record_awareness, RESPONDER, awareness, reference=done.incident)
    assert incoming.owed_to("client:kilbride-example", done.incident).due_at == received + 24 * HOUR


def _has(incoming: Incoming, done: Notified, recipient: str) -> bool:
    return any(one.recipient == recipient for one in incoming.dossier(done.incident).obligations)


def test_an_alert_says_more_than_the_provider_did(incoming: Incoming) -> None:
    """An incident that the notice joined has alerts: all that its systems hold counts."""
    incoming.alert(WEB_SHELL)
    before = {one.recipient for one in incoming.dossier().obligations}
    done = told(incoming, incident="INC-2026-0001")
    assert done.incident == "INC-2026-0001"
    dossier = incoming.dossier()
    assert before <= {one.recipient for one in dossier.obligations if one.withdrawn_at is None}
    assert dossier.incident.systems[0] == "application"
    assert EntryKind.SYSTEMS_ADDED in incoming.kinds()


def test_a_system_that_a_person_names_counts_as_a_whole(incoming: Incoming) -> None:
    """The inventory sees no dependence: the person knows better."""
    done = told(incoming, systems=("telephony",))
    assert incoming.dossier(done.incident).incident.systems == ("telephony",)
    assert notice(incoming, done.number).activities == {}


def test_what_cannot_be_is_refused_in_a_sentence(sqlite_incoming: Incoming) -> None:
    """An unknown provider or system, nothing said, an instant to come; nothing is opened then."""
    for changes, words in (
        ({"provider": "nobody"}, "not a provider"),
        ({"systems": ("nothing",)}, "not a system"),
        ({"said": "  "}, "one sentence"),
        ({"received_at": sqlite_incoming.now + HOUR}, "future"),
    ):
        with pytest.raises(InvalidCommand, match=words):
            told(sqlite_incoming, **changes)
    with pytest.raises(NotAllowed):
        act(sqlite_incoming, record_provider_notice, VIEWER, ProviderTold("hosting", sqlite_incoming.now, "Said."))
    assert sqlite_incoming.incidents() == []


def test_the_questions_are_those_that_decide_and_are_due_within_the_hours_of_the_contract(
    incoming: Incoming, clock: Any
) -> None:
    """Put once; what was put is not put again."""
    inventory = incoming.service.knowledge().inventory
    providers = tuple(
        one.model_copy(update={"notice_hours": 12.0, "clause": "Article 8"}) for one in inventory.providers
    )
    put(incoming.service, inventory.model_copy(update={"providers": providers}))
    done = told(incoming)
    due_at = act(incoming, ask_provider, RESPONDER, done.number, Asking(clock.at, "mail"))
    kept = notice(incoming, done.number)
    assert due_at == clock.at + 12 * HOUR == kept.due_at
    names = [one.fact for one in kept.questions]
    assert "loss.confidentiality" in names
    assert not any(name.startswith(("severity.", "system.", "enisa.", "persons.information")) for name in names)
    with pytest.raises(InvalidCommand, match="nothing is left"):
        act(incoming, ask_provider, RESPONDER, done.number, Asking(clock.at, "mail", tuple(names)))


def test_the_letter_asks_in_words_and_names_no_client(sqlite_incoming: Incoming) -> None:
    """In both languages, with the date of the answer; the provider learns nothing of whose data it held."""
    service = sqlite_incoming.service
    done = told(sqlite_incoming)
    dossier, kept = sqlite_incoming.dossier(done.incident), notice(sqlite_incoming, done.number)
    for language, word in (("fr", "répondre avant le"), ("en", "answer by")):
        draft = letter_to_provider(dossier, kept, language, service.knowledge(), service.renderer, sqlite_incoming.now)
        text = draft.as_text()
        assert word in draft.subject
        question = service.knowledge().catalogue.facts["loss.confidentiality"].question
        assert question is not None
        assert question.in_language(language)[:30].replace("'", "’") in text.replace("\u00a0", " ").replace("'", "’")
        assert not any(client.name in text for client in dossier.inventory.clients)
        assert "Traceback" not in text


def test_an_answer_is_a_fact_of_the_provider_and_a_person_may_know_better(incoming: Incoming, clock: Any) -> None:
    """It decides like any other; that it does not know yet leaves the question open."""
    done = told(incoming)
    asking = Asking(clock.at, "mail", ("loss.confidentiality", "exfiltration.state"))
    act(incoming, ask_provider, RESPONDER, done.number, asking)
    clock.at += HOUR
    answer = ProviderAnswer("loss.confidentiality", "yes", "Their mail of 11:00.")
    act(incoming, record_provider_answer, RESPONDER, done.number, answer)
    act(incoming, record_provider_answer, RESPONDER, done.number, ProviderAnswer("exfiltration.state", "unknown"))
    dossier = incoming.dossier(done.incident)
    said = [one for one in dossier.facts if one.name == "loss.confidentiality"]
    assert [(one.provenance, one.by[:11]) for one in said] == [(Provenance.PROVIDER, "Prestataire")]
    assert [one.fact for one in notice(incoming, done.number).open_questions] == ["exfiltration.state"]
    assert incoming.owed_to("client:kilbride-example", done.incident).advice == "required"
    command = FactCommand("loss.confidentiality", "no", note="Our own logs exclude it.")
    incoming.act(incident_acts.record_fact, RESPONDER, command, reference=done.incident)
    clock.at += HOUR
    act(incoming, record_provider_answer, RESPONDER, done.number, answer)
    held = incoming.dossier(done.incident).assessment.perimeters[0].facts["loss.confidentiality"]
    assert (held.provenance, held.value) == (Provenance.PERSON, "no")


def test_an_answer_before_the_notice_and_a_question_before_it_are_refused(
    sqlite_incoming: Incoming, clock: Any
) -> None:
    """Dates that cannot be, facts that do not exist, values that do not fit."""
    number = told(sqlite_incoming).number
    early = clock.at - 5 * HOUR
    for work, command in (
        (ask_provider, Asking(early, "mail")),
        (ask_provider, Asking(clock.at, " ")),
        (ask_provider, Asking(clock.at, "mail", ("nothing.such",))),
        (record_provider_answer, ProviderAnswer("loss.confidentiality", "yes", "", early)),
        (record_provider_answer, ProviderAnswer("nothing.such", "yes")),
        (record_provider_answer, ProviderAnswer("loss.confidentiality", "perhaps")),
    ):
        with pytest.raises(InvalidCommand):
            act(sqlite_incoming, work, RESPONDER, number, command)
    with pytest.raises(NotFound):
        act(sqlite_incoming, ask_provider, RESPONDER, 99, Asking(clock.at, "mail"))


def test_a_notice_follows_its_incident_into_another(incoming: Incoming, clock: Any) -> None:
    """Merged: it stands where everything goes on, and its questions are answered there."""
    first = told(incoming)
    declared = incoming.service.database.write(
        lambda session: incident_acts.declare(
            session, RESPONDER, Declaration("Our mails bounce."), incoming.service.knowledge(), clock.at
        )
    )
    incoming.act(merging_acts.merge, DPO, declared, "The same thing.", reference=first.incident)
    assert notice(incoming, first.number).incident == declared
    act(incoming, ask_provider, RESPONDER, first.number, Asking(clock.at, "mail", ("loss.confidentiality",)))
    act(incoming, record_provider_answer, RESPONDER, first.number, ProviderAnswer("loss.confidentiality", "yes"))
    assert any(one.provenance is Provenance.PROVIDER for one in incoming.dossier(declared).facts)


@pytest.mark.parametrize(("systems", "is_narrow"), [((), True), (("telephony",), True), (("application",), False)])
def test_what_a_notice_narrows_stays_narrow_where_its_incident_goes_into_another(
    incoming: Incoming, clock: Any, systems: tuple[str, ...], is_narrow: bool
) -> None:
    """Only these activities of this system, unless the other incident says that all of that system is concerned."""
    first = told(incoming)
    before = {one.recipient for one in incoming.dossier(first.incident).obligations if one.duty is DutyKind.CLIENT}
    declared = incoming.service.database.write(
        lambda session: incident_acts.declare(
            session,
            RESPONDER,
            Declaration("Our mails bounce.", systems=systems),
            incoming.service.knowledge(),
            clock.at,
        )
    )
    alone = {one.recipient for one in incoming.dossier(declared).obligations if one.duty is DutyKind.CLIENT}
    incoming.act(merging_acts.merge, DPO, declared, "The same thing.", reference=first.incident)
    merged = [one for one in incoming.dossier(declared).obligations if one.duty is DutyKind.CLIENT]
    owed = {one.recipient for one in merged if one.withdrawn_at is None}
    assert owed == before | alone
    held = {system: set(some) for system, some in _narrowing(incoming, declared)}
    assert ("application" in held) is is_narrow
    assert "mail" in held


def _narrowing(incoming: Incoming, reference: str) -> Any:
    with incoming.service.database.reading() as session:
        row = incidents.row_of(session, reference)
        return narrowings_of(session, [row])[row.id or 0]


def test_whoever_does_not_see_the_incident_does_not_find_the_notice(incoming: Incoming, clock: Any) -> None:
    """In the same words as where there is none."""
    done = told(incoming)
    staff = FactCommand("incident.concerns_staff", "yes", note="The account of one of ours.")
    incoming.act(incident_acts.record_fact, DPO, staff, reference=done.incident)
    with pytest.raises(NotFound, match="number 1"):
        act(incoming, ask_provider, Actor("Ada", UserRole.RESPONDER, person=77), done.number, Asking(clock.at, "mail"))


def test_nothing_is_written_where_a_notice_is_refused(sqlite_incoming: Incoming) -> None:
    """All or nothing."""
    with pytest.raises(NotFound):
        told(sqlite_incoming, incident="INC-2026-0099")
    assert sqlite_incoming.count(TimelineEntryRow) == len(sqlite_incoming.rows(TimelineEntryRow))
    assert sqlite_incoming.incidents() == []
    assert NoticeChannel.MAIL in tuple(NoticeChannel)
