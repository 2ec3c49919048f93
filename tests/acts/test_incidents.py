"""What people do with an incident: each act says what is missing, keeps who, when and why, and follows through."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from breach_service.acts import incidents as acts
from breach_service.acts.incidents import Awareness, Declaration, FactCommand, FilingCommand
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import Provenance, Scope, ScopeKind
from breach_service.domain.incident import EntryKind, IncidentStatus, InstantKind
from breach_service.errors import InvalidCommand, NotFound
from breach_service.store import obligations as stored
from breach_service.store.tables import FilingRow
from tests.deciders import DPO, agree, approve
from tests.pipeline.incoming import WEB_SHELL, Incoming

RESPONDER = Actor("Yanis Ferrachat", UserRole.RESPONDER)
HOUR = timedelta(hours=1)
LETTER = "Madame, Monsieur,\n\nle texte exact : « été », 72 h.\n"


def declare(incoming: Incoming, **command: Any) -> str:
    command.setdefault("what_happened", "A laptop was stolen on the train.")
    service = incoming.service
    return str(
        service.database.write(
            lambda session: acts.declare(session, RESPONDER, Declaration(**command), service.knowledge(), incoming.now)
        )
    )


def file(incoming: Incoming, obligation: int, sent_at: datetime, *, means: str = "portal", receipt: str = "") -> None:
    service = incoming.service

    def text_of(dossier: Dossier, number: int) -> str:
        assert number == obligation
        assert dossier.incident.reference == "INC-2026-0001"
        return LETTER

    with suppress(InvalidCommand):  # what speaks against filing is said by the filing itself
        approve(service, obligation, text_of, incoming.now)
    command = FilingCommand(obligation, sent_at, means, receipt)
    service.database.write(
        lambda session: acts.record_filing(
            session, DPO, "INC-2026-0001", command, service.knowledge(), service.cipher, text_of, incoming.now
        )
    )


def last_words(incoming: Incoming, kind: EntryKind) -> dict[str, str]:
    found = [one for one in incoming.dossier().timeline if one.kind is kind]
    return dict(found[-1].words or {})


# Declaring ------------------------------------------------------------------------------------------------------------


def test_a_person_declares_with_the_systems_that_are_known(incoming: Incoming, clock: Any) -> None:
    """When we were told and by whom, when it happened, what it touches: an incident with everything that follows."""
    told_at, occurred_at = clock.at - HOUR, clock.at - 5 * HOUR
    reference = declare(
        incoming, title="Stolen laptop", systems=("mail",), told_at=told_at, told_by="Noé, by phone",
        occurred_at=occurred_at,
    )  # fmt: skip
    dossier = incoming.dossier(reference)
    incident = dossier.incident
    assert (incident.title, incident.systems, incident.detected_at) == ("Stolen laptop", ("mail",), told_at)
    assert incident.opened_by == "person:Yanis Ferrachat"
    assert {one.kind: one.at for one in dossier.instants} == {
        InstantKind.TOLD_AT: told_at, InstantKind.OCCURRED_AT: occurred_at,
    }  # fmt: skip
    assert last_words(incoming, EntryKind.DECLARED)["told_by"] == "Noé, by phone"
    assert incoming.owed_to("cnil").due_at == told_at + 72 * HOUR


def test_a_person_may_declare_without_knowing_any_system(incoming: Incoming, clock: Any) -> None:
    """One sentence is enough to begin: our own duties exist, and the sentence is the title."""
    reference = declare(incoming, what_happened="  Strange letters were sent.\nNobody knows by whom. ")
    dossier = incoming.dossier(reference)
    assert dossier.incident.title == "Strange letters were sent."
    assert dossier.incident.detected_at == clock.at
    assert {one.recipient for one in dossier.obligations} == {"cnil", "persons", "register"}


def test_two_declarations_are_two_incidents(incoming: Incoming) -> None:
    """Also at the same moment."""
    assert [declare(incoming), declare(incoming)] == ["INC-2026-0001", "INC-2026-0002"]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ({"what_happened": "  "}, "say what happened"),
        ({"systems": ("mail", "moon")}, "moon is not a system"),
        ({"told_at": "tomorrow"}, "told_at lies in the future"),
        ({"occurred_at": "tomorrow"}, "occurred_at lies in the future"),
        ({"told_at": "naive"}, "told_at has no time zone"),
        ({"occurred_at": "naive"}, "occurred_at has no time zone"),
        ({"personal_data": "perhaps"}, "yes, no or unknown"),
    ],
)
def test_a_declaration_says_what_is_wrong_with_it(
    sqlite_incoming: Incoming, command: dict[str, Any], sentence: str
) -> None:
    """And opens nothing."""
    now = sqlite_incoming.now
    instants = {"tomorrow": now + timedelta(days=1), "naive": now.replace(tzinfo=None)}
    command = {name: instants.get(value, value) if isinstance(value, str) else value for name, value in command.items()}
    with pytest.raises(InvalidCommand, match=sentence):
        declare(sqlite_incoming, **command)
    assert sqlite_incoming.incidents() == []


# Facts and instants ---------------------------------------------------------------------------------------------------


def test_a_fact_is_kept_with_who_when_and_why(incoming: Incoming, clock: Any) -> None:
    """And the incident is being assessed from the first one on."""
    incoming.alert(WEB_SHELL)
    clock.at += HOUR
    scope = Scope(ScopeKind.CLIENT, "training-attendance/mutuelle-exemple")
    command = FactCommand("persons.number", "800..850", scope, " Counted in the table. ")
    incoming.act(acts.record_fact, RESPONDER, command)
    fact = incoming.dossier().facts[-1]
    assert (fact.name, fact.scope, fact.provenance, fact.by) == (
        "persons.number", scope, Provenance.PERSON, "Yanis Ferrachat",
    )  # fmt: skip
    assert (fact.established_at, fact.note, str(fact.value)) == (clock.at, "Counted in the table.", "800..850")
    assert last_words(incoming, EntryKind.FACT_RECORDED) == {
        "fact": "persons.number", "value": "800..850", "scope_kind": "client", "scope_key": scope.key,
        "reason": "Counted in the table.",
    }  # fmt: skip
    assert incoming.incident().status is IncidentStatus.ASSESSING


@pytest.mark.parametrize(
    ("name", "raw", "scope", "sentence"),
    [
        ("loss.everything", "yes", Scope(), "there is no fact loss.everything"),
        ("loss.integrity", "perhaps", Scope(), "is yes, no or unknown"),
        ("persons.number", "many", Scope(), "is a number"),
        ("persons.number", "9..3", Scope(), "persons.number cannot be at least 9 and at most 3"),
        ("recipients.number", -5, Scope(), "write a number of zero or more, not -5"),
        ("recipients.kind", "aliens", Scope(), "is one of"),
        ("data.categories", ["gossip"], Scope(), "not gossip"),
        ("data.categories", 5, Scope(), "not 5"),
        ("recipients.kind", ["malicious"], Scope(), "is one of"),
        ("persons.number", "nan", Scope(), "is a number"),
        ("persons.number", "5..inf", Scope(), "is a number"),
        ("loss.integrity", "no", Scope(ScopeKind.SYSTEM, "moon"), "moon is not a system"),
        ("loss.integrity", "no", Scope(ScopeKind.ACTIVITY, "moon"), "moon is not a activity"),
        ("loss.integrity", "no", Scope(ScopeKind.CLIENT, "*/moon"), "is not a client"),
        ("loss.integrity", "no", Scope(ScopeKind.CLIENT, "moon/mutuelle-exemple"), "is not a client"),
        ("loss.integrity", "no", Scope(ScopeKind.INCIDENT, "moon"), "moon is not a incident"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_with_a_sentence(
    sqlite_incoming: Incoming, name: str, raw: object, scope: Scope, sentence: str
) -> None:
    """Nothing is recorded."""
    sqlite_incoming.alert(WEB_SHELL)
    before = sqlite_incoming.dossier()
    with pytest.raises(InvalidCommand, match=sentence):
        sqlite_incoming.act(acts.record_fact, RESPONDER, FactCommand(name, raw, scope))
    assert sqlite_incoming.dossier() == before


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"aware_at": "tomorrow"}, "aware_at lies in the future"),
        ({"flaw_discovered_at": "tomorrow"}, "flaw_discovered_at lies in the future"),
        ({"aware_at": "naive"}, "aware_at has no time zone"),
        ({"flaw_discovered_at": "naive"}, "flaw_discovered_at has no time zone"),
        ({"reason": " "}, "give the reason"),
        ({"perimeter": "client:moon"}, "client:moon is not a perimeter"),
    ],
)
def test_awareness_needs_a_reason_and_an_instant_that_can_be(
    sqlite_incoming: Incoming, change: dict[str, Any], sentence: str
) -> None:
    """No clock starts otherwise."""
    sqlite_incoming.alert(WEB_SHELL)
    now = sqlite_incoming.now
    instants = {"tomorrow": now + timedelta(days=1), "naive": now.replace(tzinfo=None)}
    command = {"aware_at": now, "reason": "Seen.", **{name: instants.get(one, one) for name, one in change.items()}}
    with pytest.raises(InvalidCommand, match=sentence):
        sqlite_incoming.act(acts.record_awareness, RESPONDER, Awareness(**command))
    assert sqlite_incoming.dossier().instants == ()


def test_a_person_adds_systems_with_what_follows(incoming: Incoming) -> None:
    """Their data, their clients, their clocks; said with the reason, and the former ones stay."""
    incoming.alert({**WEB_SHELL, "host": "fw-01"})
    assert incoming.dossier().obligations == ()
    incoming.act(acts.add_systems, RESPONDER, ("database", "firewall"), "The firewall let them in.")
    assert incoming.incident().systems == ("firewall", "database")
    assert incoming.owed_to("client:commune-exemple").is_provisional
    assert last_words(incoming, EntryKind.SYSTEMS_ADDED) == {
        "systems": "database firewall", "reason": "The firewall let them in.",
    }  # fmt: skip
    assert incoming.incident().status is IncidentStatus.ASSESSING


@pytest.mark.parametrize(
    ("systems", "reason", "sentence"),
    [
        ((), "Seen.", "choose systems of the inventory"),
        (("mail", "moon"), "Seen.", "choose systems of the inventory"),
        (("mail",), " ", "give the reason"),
    ],
)
def test_systems_are_those_of_the_inventory(
    sqlite_incoming: Incoming, systems: tuple[str, ...], reason: str, sentence: str
) -> None:
    """And are added for a reason."""
    sqlite_incoming.alert(WEB_SHELL)
    with pytest.raises(InvalidCommand, match=sentence):
        sqlite_incoming.act(acts.add_systems, RESPONDER, systems, reason)
    assert sqlite_incoming.incident().systems == ("application",)


# Saying what it is ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [acts.confirm, acts.dismiss, acts.close])
def test_saying_what_it_is_needs_a_reason(sqlite_incoming: Incoming, act: Callable[..., None]) -> None:
    """It stands in the register."""
    sqlite_incoming.alert(WEB_SHELL)
    with pytest.raises(InvalidCommand, match="give the reason"):
        sqlite_incoming.act(act, DPO, "\n ")
    assert sqlite_incoming.incident().status is IncidentStatus.SUSPECTED


def test_confirming_qualifies_with_the_reason(incoming: Incoming, clock: Any) -> None:
    """From what to what, and why."""
    incoming.alert(WEB_SHELL)
    clock.at += HOUR
    incoming.act(acts.confirm, DPO, "Accounts were read.")
    assert incoming.incident().status is IncidentStatus.CONFIRMED
    assert incoming.incident().qualified_at == clock.at
    words = last_words(incoming, EntryKind.STATUS_CHANGED)
    assert [len(words.pop(one)) for one in ("facts_digest", "rules_digest")] == [64, 64]
    assert words == {
        "from": "suspected", "to": "confirmed", "reason": "Accounts were read.", "ground": "delegation",
        "ground_number": "1",
    }  # fmt: skip


@pytest.mark.parametrize("reference", ["INC-2026-0009", "", "'; DROP TABLE incident"])
def test_an_unknown_reference_is_said(sqlite_incoming: Incoming, reference: str) -> None:
    """By every act that takes one."""
    sqlite_incoming.alert(WEB_SHELL)
    commands: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
        (acts.confirm, ("Seen.",)), (acts.dismiss, ("Seen.",)), (acts.close, ("Done.",)),
        (acts.record_fact, (FactCommand("loss.integrity", "no"),)),
        (acts.record_awareness, (Awareness(sqlite_incoming.now, "Seen."),)),
        (acts.decide_not_required, (1, "Not required.")), (acts.add_systems, (("mail",), "Seen.")),
    ]  # fmt: skip
    for act, command in commands:
        with pytest.raises(NotFound, match="there is no incident"):
            sqlite_incoming.act(act, DPO, *command, reference=reference)


def test_a_reference_may_be_written_in_small_letters(sqlite_incoming: Incoming) -> None:
    """As people do."""
    sqlite_incoming.alert(WEB_SHELL)
    sqlite_incoming.act(acts.confirm, DPO, "Seen.", reference="inc-2026-0001")
    assert sqlite_incoming.incident().status is IncidentStatus.CONFIRMED


def test_what_is_over_takes_nothing_in_any_more(sqlite_incoming: Incoming) -> None:
    """Neither a fact, nor a system, nor awareness, nor another qualification."""
    sqlite_incoming.alert(WEB_SHELL)
    sqlite_incoming.act(acts.dismiss, DPO, "A test.")
    commands: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
        (acts.record_fact, (FactCommand("loss.integrity", "no"),)), (acts.add_systems, (("mail",), "Seen.")),
        (acts.record_awareness, (Awareness(sqlite_incoming.now, "Seen."),)),
        (acts.confirm, ("Seen.",)), (acts.close, ("Done.",)),
    ]  # fmt: skip
    for act, command in commands:
        with pytest.raises(InvalidCommand, match="nothing can be added"):
            sqlite_incoming.act(act, DPO, *command)


def test_confirming_enters_the_breach_in_our_register(incoming: Incoming, clock: Any) -> None:
    """Not before; and dismissing leaves it out."""
    incoming.alert(WEB_SHELL)
    assert incoming.owed_to("register").fulfilled_at is None
    clock.at += HOUR
    incoming.act(acts.confirm, DPO, "Seen.")
    assert incoming.owed_to("register").fulfilled_at == clock.at


# Filing and closing ---------------------------------------------------------------------------------------------------


def test_a_filing_keeps_the_exact_text_and_fulfils(incoming: Incoming, clock: Any) -> None:
    """Encrypted, with its digest in the chronology; fulfilled at the instant of sending, not of recording."""
    incoming.alert(WEB_SHELL)
    clock.at += 5 * HOUR
    owed = incoming.owed_to("cnil")
    sent_at = clock.at - HOUR
    file(incoming, owed.id, sent_at, receipt="CNIL-2026-1234")
    dossier = incoming.dossier()
    (filing,) = dossier.filings
    assert (filing.by, filing.means, filing.receipt) == ("Camille Vauzelle", "portal", "CNIL-2026-1234")
    assert (filing.sent_at, filing.recorded_at) == (sent_at, clock.at)
    assert filing.text_digest == hashlib.sha256(LETTER.encode()).hexdigest()
    assert last_words(incoming, EntryKind.FILED)["text_digest"] == filing.text_digest
    assert incoming.owed_to("cnil").fulfilled_at == sent_at
    with incoming.service.database.reading() as session:
        assert stored.filed_text(session, incoming.service.cipher, filing.id) == LETTER
        row = session.get(FilingRow, filing.id)
        assert row is not None
        assert b"texte exact" not in row.text_sealed


def test_a_fulfilled_obligation_stays_as_it_was(incoming: Incoming, clock: Any) -> None:
    """Neither a later awareness nor the exclusion of the loss rewrites what was sent."""
    incoming.alert(WEB_SHELL)
    file(incoming, incoming.owed_to("cnil").id, clock.at)
    before = incoming.owed_to("cnil")
    clock.at += HOUR
    incoming.act(acts.record_awareness, DPO, Awareness(clock.at, "Seen."))
    for loss in ("confidentiality", "integrity", "availability"):
        incoming.act(acts.record_fact, DPO, FactCommand(f"loss.{loss}", "no"))
    assert incoming.owed_to("cnil") == before


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sent_at": timedelta(minutes=1)}, "sent_at lies in the future"),
        ({"sent_at": None}, "sent_at has no time zone"),
        ({"sent_at": timedelta(hours=-26)}, "before the first instant at which the incident was known: detected_at"),
        ({"means": " "}, "by what means"),
    ],
)
def test_a_filing_says_what_is_wrong_with_it(sqlite_incoming: Incoming, change: dict[str, Any], sentence: str) -> None:
    """And fulfils nothing."""
    sqlite_incoming.alert(WEB_SHELL)
    number, now = sqlite_incoming.owed_to("cnil").id, sqlite_incoming.now
    shift = change.get("sent_at", timedelta(0))
    sent_at = now.replace(tzinfo=None) if shift is None else now + shift
    with pytest.raises(InvalidCommand, match=sentence):
        file(sqlite_incoming, number, sent_at, means=change.get("means", "portal"))
    assert sqlite_incoming.owed_to("cnil").fulfilled_at is None


def test_a_notice_is_recorded_as_sent_once(sqlite_incoming: Incoming, clock: Any) -> None:
    """A second filing of the same notice, and the decision that it is not required, are refused."""
    sqlite_incoming.alert(WEB_SHELL)
    number = sqlite_incoming.owed_to("cnil").id
    file(sqlite_incoming, number, clock.at)
    with pytest.raises(InvalidCommand, match="already recorded as sent"):
        file(sqlite_incoming, number, clock.at)
    with pytest.raises(InvalidCommand, match="already recorded as sent"):
        sqlite_incoming.act(acts.decide_not_required, DPO, number, "Not required.")
    assert len(sqlite_incoming.dossier().filings) == 1


def test_an_obligation_of_another_incident_is_not_touched(sqlite_incoming: Incoming, clock: Any) -> None:
    """Its number is unknown here."""
    sqlite_incoming.alert(WEB_SHELL, {**WEB_SHELL, "host": "db-01", "id": "other"})
    number = sqlite_incoming.owed_to("cnil", "INC-2026-0002").id
    with pytest.raises(NotFound, match=f"no obligation number {number}"):
        file(sqlite_incoming, number, clock.at)
    with pytest.raises(NotFound, match=f"no obligation number {number}"):
        sqlite_incoming.act(acts.decide_not_required, DPO, number, "Not required.")


def test_an_incident_is_closed_when_nothing_is_owed_any_more(incoming: Incoming, clock: Any) -> None:
    """First say what it is; then every notice is sent or decided against, those without a date too."""
    incoming.alert(WEB_SHELL)
    with pytest.raises(InvalidCommand, match="say first what this is"):
        incoming.act(acts.close, DPO, "Done.")
    incoming.act(acts.record_awareness, DPO, Awareness(clock.at, "Seen."))
    incoming.act(acts.confirm, DPO, "Accounts were read.")
    with pytest.raises(InvalidCommand, match="6 notices are still owed"):
        incoming.act(acts.close, DPO, "Done.")
    for one in incoming.dossier().obligations:
        if one.duty in (DutyKind.AUTHORITY, DutyKind.CLIENT):
            file(incoming, one.id, clock.at)
    with pytest.raises(InvalidCommand, match="1 notices are still owed"):
        incoming.act(acts.close, DPO, "Done.")
    incoming.act(acts.decide_not_required, DPO, incoming.owed_to("persons").id, "Nobody can be harmed.")
    incoming.act(acts.close, DPO, "Measures are in place.")
    assert incoming.incident().status is IncidentStatus.CLOSED
    assert last_words(incoming, EntryKind.STATUS_CHANGED)["reason"] == "Measures are in place."
    assert incoming.owed_to("cnil").fulfilled_at == clock.at
    with pytest.raises(InvalidCommand, match="is closed: nothing can be added"):
        incoming.act(acts.confirm, DPO, "Again.")


def test_a_notice_that_is_not_required_keeps_the_reason(incoming: Incoming) -> None:
    """Who decided it, and why; a blank reason decides nothing."""
    incoming.alert(WEB_SHELL)
    number = incoming.owed_to("cnil").id
    with pytest.raises(InvalidCommand, match="give the reason"):
        incoming.act(acts.decide_not_required, DPO, number, "  ")
    incoming.act(acts.decide_not_required, DPO, number, " Encrypted, the key is safe. ")
    assert incoming.owed_to("cnil").not_required_reason is None  # until a second person has confirmed it
    agree(incoming.service, incoming.now)
    assert incoming.owed_to("cnil").not_required_reason == "Encrypted, the key is safe."
    words = last_words(incoming, EntryKind.DECIDED_NOT_REQUIRED)
    assert [len(words.pop(one)) for one in ("facts_digest", "rules_digest")] == [64, 64]
    assert words.pop("precedents").startswith("edpb-")
    assert words == {
        "regime": "gdpr-art33-authority", "recipient": "cnil", "reason": "Encrypted, the key is safe.",
        "ground": "delegation", "ground_number": "1", "advice": "undecided", "departs": "yes",
    }  # fmt: skip
