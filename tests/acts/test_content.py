"""A content comes into force by an act that shows first which incidents it would judge differently."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from breach_service.acts import content
from breach_service.acts import incidents as acts
from breach_service.acts.incidents import FactCommand
from breach_service.app import NOBODY_YET, OPERATOR, Service
from breach_service.catalog import Catalogue, catalogue_from
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.conditions import Truth
from breach_service.domain.differences import Comparison, changed_files, judged_differently
from breach_service.domain.incident import EntryKind, IncidentStatus
from breach_service.errors import InvalidCommand, NotAllowed
from breach_service.pipeline.judging import assessment_of
from breach_service.store import activations, incidents, reference
from breach_service.store.tables import ContentComparisonRow, TimelineDetailRow
from tests.deciders import DPO
from tests.pipeline.incoming import WEB_SHELL, Incoming

RULE = "rules/personal-data-in-the-system.yaml"


def content_with(service: Service, **documents: str) -> Catalogue:
    """The content in force with files added, changed, or left out where their text is empty."""
    changed = {**service.knowledge().catalogue.documents, **documents}
    reading = catalogue_from({path: text for path, text in changed.items() if text})
    assert reading.catalogue is not None, reading.faults
    return reading.catalogue


def without_the_rule(service: Service) -> Catalogue:
    text = service.knowledge().catalogue.documents[RULE]
    return content_with(service, **{RULE: text.replace("status: active", "status: retired")})


def preview(incoming: Incoming, catalogue: Catalogue) -> Comparison:
    service = incoming.service
    with service.database.reading() as session:
        return content.preview(session, DPO, catalogue, service.knowledge(), incoming.now)


def activate(incoming: Incoming, catalogue: Catalogue, comparison: Comparison | None, actor: Actor = DPO) -> bool:
    return incoming.service.database.write(
        lambda session: content.activate_content(session, actor, catalogue, incoming.now, comparison)
    )


def test_what_would_be_judged_differently_is_named_with_the_criterion(incoming: Incoming) -> None:
    """Each perimeter with what it comes to before and after."""
    incoming.alert(WEB_SHELL)
    changed = without_the_rule(incoming.service)
    found = preview(incoming, changed)
    assert found.files == ((RULE, "changed"),)
    assert (found.looked_at, found.left_out, found.is_of_anything) == (1, 0, True)
    (one,) = found.incidents
    assert (one.reference, one.is_open) == ("INC-2026-0001", True)
    own = next(each for each in one.differences if each.perimeter == "own")
    assert (own.before.personal_data, own.after.personal_data) == (Truth.YES, Truth.UNKNOWN)
    (finding,) = [each for each in own.findings if each.rule == "personal-data-in-the-system"]
    assert (finding.before, finding.after, finding.is_rewritten) == (Truth.YES, None, False)


def test_the_same_content_changes_nothing(incoming: Incoming) -> None:
    """Nothing is even assessed."""
    incoming.alert(WEB_SHELL)
    found = preview(incoming, incoming.service.knowledge().catalogue)
    assert (found.files, found.incidents, found.looked_at, found.is_of_anything) == ((), (), 0, False)


def test_a_change_of_words_judges_nobody_differently(sqlite_incoming: Incoming) -> None:
    """The file is named, the incident is not."""
    sqlite_incoming.alert(WEB_SHELL)
    text = sqlite_incoming.service.knowledge().catalogue.documents[RULE]
    reworded = content_with(sqlite_incoming.service, **{RULE: text.replace("sont en jeu\n", "sont concernées\n", 1)})
    found = preview(sqlite_incoming, reworded)
    assert (found.files, found.incidents, found.looked_at) == (((RULE, "changed"),), (), 1)


def test_a_signal_that_speaks_for_something_else_is_seen_through(sqlite_incoming: Incoming) -> None:
    """As judging would record it: what alerts establish under the new content counts."""
    sqlite_incoming.alert(WEB_SHELL)
    text = sqlite_incoming.service.knowledge().catalogue.documents["signals.yaml"]
    former = "establishes: {incident.compromise_suspected: yes, incident.malicious: yes, loss.confidentiality: unknown}"
    assert former in text
    later = former.replace("loss.confidentiality: unknown", "loss.confidentiality: yes")
    found = preview(
        sqlite_incoming, content_with(sqlite_incoming.service, **{"signals.yaml": text.replace(former, later)})
    )
    (one,) = found.incidents
    own = next(each for each in one.differences if each.perimeter == "own")
    assert own.duties["register"] == ("undecided", "required")


def test_closed_incidents_are_shown_and_stay_as_they_were(incoming: Incoming) -> None:
    """Neither their assessment nor their obligations nor their chronology changes when the content does."""
    incoming.alert(WEB_SHELL)
    incoming.act(acts.dismiss, DPO, "A test, announced on Friday.")
    changed = without_the_rule(incoming.service)
    found = preview(incoming, changed)
    assert [(one.status, one.is_open) for one in found.incidents] == [(IncidentStatus.DISMISSED, False)]
    with incoming.service.database.reading() as session:
        row = incidents.row_of(session, "INC-2026-0001").model_dump()
    before = incoming.dossier()
    assert activate(incoming, changed, found)
    after = incoming.dossier()
    assert (after.obligations, after.timeline, after.facts) == (before.obligations, before.timeline, before.facts)
    with incoming.service.database.reading() as session:
        assert incidents.row_of(session, "INC-2026-0001").model_dump() == row


def test_an_open_incident_is_judged_by_the_new_content_when_it_is_next_touched(incoming: Incoming) -> None:
    """And then as the comparison said."""
    incoming.alert(WEB_SHELL)
    changed = without_the_rule(incoming.service)
    (foretold,) = preview(incoming, changed).incidents
    activate(incoming, changed, preview(incoming, changed))
    incoming.act(acts.record_fact, DPO, FactCommand("measures.high_risk_removed", "unknown"))
    for one in foretold.differences:
        judged = incoming.dossier().perimeter(one.perimeter)
        assert judged is not None
        assert (judged.personal_data, judged.risk, judged.duties) == (
            one.after.personal_data, one.after.risk, one.after.duties,
        )  # fmt: skip


def test_what_was_compared_is_kept_with_the_version(incoming: Incoming) -> None:
    """Its digest and its numbers, beside who put it in force and when, and in the chronology."""
    incoming.alert(WEB_SHELL)
    changed = without_the_rule(incoming.service)
    found = preview(incoming, changed)
    former = incoming.service.knowledge().catalogue.digest
    assert activate(incoming, changed, found)
    with incoming.service.database.reading() as session:
        newest, first = activations.versions(session)
        (kept,) = session.exec(select(ContentComparisonRow)).all()
        words = [one.words for one in session.exec(select(TimelineDetailRow))]
    assert (newest.digest, newest.by, newest.looked_at, newest.differing) == (changed.digest, DPO.name, 1, 1)
    assert (first.digest, first.looked_at, first.comparison) == (former, None, "")
    assert newest.comparison == content.digest_of(found)
    assert kept.former_digest == former
    assert {"note": "content_activated", "digest": changed.digest, "comparison": newest.comparison, "looked_at": "1",
            "differing": "1"} in words  # fmt: skip


def test_what_was_compared_with_something_else_is_refused(incoming: Incoming) -> None:
    """Somebody put another version in force in between: compare again."""
    incoming.alert(WEB_SHELL)
    changed = without_the_rule(incoming.service)
    found = preview(incoming, changed)
    with pytest.raises(InvalidCommand, match="compare again"):
        activate(incoming, changed, replace(found, former="0" * 64))
    with pytest.raises(InvalidCommand, match="compare again"):
        activate(incoming, content_with(incoming.service, **{RULE: ""}), found)
    with incoming.service.database.reading() as session:
        assert reference.content_digest(session) == found.former


def test_only_who_may_puts_a_content_in_force(sqlite_incoming: Incoming) -> None:
    """A responder may look at what would change and cannot make it so."""
    changed = without_the_rule(sqlite_incoming.service)
    found = preview(sqlite_incoming, changed)
    with pytest.raises(NotAllowed):
        activate(sqlite_incoming, changed, found, Actor("Yanis Ferrachat", UserRole.RESPONDER))
    assert activate(sqlite_incoming, changed, found, OPERATOR)
    assert not activate(sqlite_incoming, changed, found, OPERATOR), "it is in force already"


def test_old_incidents_are_left_out_and_counted(sqlite_incoming: Incoming) -> None:
    """The last 24 months; merged ones go on in another and are not counted."""
    sqlite_incoming.alert(WEB_SHELL)
    service = sqlite_incoming.service
    with service.database.reading() as session:
        later = sqlite_incoming.now + content.LOOKED_BACK + timedelta(days=1)
        found = content.preview(session, DPO, without_the_rule(service), service.knowledge(), later)
    assert (found.looked_at, found.left_out, found.incidents) == (0, 1, ())


def test_many_incidents_are_read_a_few_at_a_time(sqlite_incoming: Incoming) -> None:
    """Newest first, each once, up to a limit."""
    for number in range(5):
        sqlite_incoming.alert({**WEB_SHELL, "id": f"shell-{number}", "host": f"unheard-of-{number}"})
    service, since = sqlite_incoming.service, sqlite_incoming.now - timedelta(days=1)
    with service.database.reading() as session:
        found = [one.reference for one in activations.incidents_opened(session, since, 4, at_once=2)]
    assert found == [f"INC-2026-000{number}" for number in (5, 4, 3, 2)]


def test_an_assessment_does_not_differ_from_itself(sqlite_incoming: Incoming) -> None:
    """Whatever is known."""
    sqlite_incoming.alert(WEB_SHELL)
    dossier = sqlite_incoming.dossier()
    one = assessment_of(dossier.incident, dossier.facts, sqlite_incoming.service.knowledge())
    assert judged_differently(one, one) == ()


def test_files_are_told_apart_by_what_became_of_them() -> None:
    """By path."""
    before, after = {"a": "1", "b": "1", "c": "1"}, {"b": "2", "c": "1", "d": "1"}
    assert changed_files(before, after) == (("a", "removed"), ("b", "changed"), ("d", "added"))


def test_the_chronology_of_no_incident_is_touched(sqlite_incoming: Incoming) -> None:
    """The line about the content belongs to none."""
    sqlite_incoming.alert(WEB_SHELL)
    kinds = sqlite_incoming.kinds()
    changed = without_the_rule(sqlite_incoming.service)
    activate(sqlite_incoming, changed, preview(sqlite_incoming, changed))
    assert sqlite_incoming.kinds() == kinds
    assert EntryKind.NOTED not in kinds


def test_what_was_opened_before_there_was_an_inventory_belongs_to_the_one_that_comes(service: Service) -> None:
    """Somebody reports before the inventory is written: the incident, its clocks and the register stay readable."""
    inventory = service.knowledge().inventory
    stand_in = inventory.model_copy(update={"organisations": NOBODY_YET.organisations})
    service.database.write(lambda session: reference.keep_inventory(session, stand_in, "test", service.now()))
    incoming = Incoming(service)
    incoming.alert(WEB_SHELL)
    assert incoming.incidents()[0].organisation == NOBODY_YET.organisations[0].id
    service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, service.now()))
    assert incoming.incidents()[0].organisation == inventory.organisations[0].id
    assert incoming.dossier(incoming.incidents()[0].reference).organisation == inventory.organisations[0]


def test_an_inventory_does_not_leave_out_an_organisation_that_has_incidents(incoming: Incoming) -> None:
    """Nothing of them could be read: the import says which one and how many, and changes nothing."""
    incoming.alert(WEB_SHELL)
    service = incoming.service
    inventory = service.knowledge().inventory
    first = inventory.organisations[0]
    other = inventory.model_copy(update={"organisations": (first.model_copy(update={"id": "another"}),)})
    with pytest.raises(InvalidCommand, match=f"1 incidents belong to the organisation {first.id}"):
        service.database.write(lambda session: content.import_inventory(session, OPERATOR, other, service.now()))
    assert service.knowledge().inventory == inventory
