"""A provider tells us of its breach: the right clients hear of it in time, it is asked, chased, and its answer counts.

The story runs on the real service (both databases) with the clock of the machine frozen.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from breach_service.acts import content
from breach_service.acts.providers import (
    Asking,
    ProviderAnswer,
    ProviderTold,
    ask_provider,
    record_provider_answer,
    record_provider_notice,
)
from breach_service.app import OPERATOR, Service
from breach_service.clock import utc_now
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.assessment import Duty
from breach_service.domain.deadlines import DutyKind, Obligation
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import EntryKind
from breach_service.domain.inventory import Inventory, NoticeForm, Role
from breach_service.domain.notice import addressees_for
from breach_service.pipeline.dossiers import dossier_of
from tests.deciders import let_decide

RESPONDER = Actor("Yanis Ferrachat", UserRole.RESPONDER)
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TOLD = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
"""Friday evening: the mail lay in a mailbox over the week-end."""
HOUR = timedelta(hours=1)
TEXT = {"fr": "nom"}


def named(part: str, **more: Any) -> dict[str, Any]:
    return {"id": part, "name": TEXT, **more}


def a_client(part: str, *activities: str, **more: Any) -> dict[str, Any]:
    taken = [{"activity": one, "number_of_persons": [10, 10]} for one in activities]
    return {"id": part, "name": part.title(), "activities": taken, **more}


GONE = {"certified_on": "2026-10-15", "backups_certified_on": "2026-10-31"}
INVENTORY = {
    "organisations": [{"id": "us", "name": "Nous", "dpo": {"name": "DPO"}}],
    "data_categories": [named("mail", cnil="contact")],
    "systems": [
        named("platform", activities=["sending", "attendance", "news"]),
        named("archive", activities=["attendance"]),
    ],
    "activities": [
        named("sending", our_role="processor", data=["mail"], providers=["sender"]),
        named("attendance", our_role="processor", data=["mail"]),
        named("news", our_role="controller", data=["mail"], providers=["sender"]),
    ],
    "groups": [{"id": "group", "name": "Groupe Rive"}],
    "clients": [
        a_client("rive-sante", "sending", group="group", our_role="processor",
                 contacts=[{"name": "Alix", "email": "dpo@rive.example",
                            "mandate": {"clients": ["rive-habitat"], "written_in": "Mandat du 3 mars 2026"}}],
                 contract={"notice": [{"clause": "Article 12", "hours": 24, "counted_from": "aware_at",
                                       "form": "portal", "sent_to": "https://rive.example/incidents"}]}),
        a_client("rive-habitat", "sending", group="group", our_role="sub_processor"),
        a_client("parti-sans-preuve", "sending", contract={"ends_on": "2026-09-30"}),
        a_client("parti-efface", "sending", contract={"ends_on": "2026-09-30", "deletion": GONE}),
        a_client("autre-traitement", "attendance"),
        a_client("a-venir", "sending", valid_from="2027-01-01"),
    ],
    "providers": [
        {"id": "sender", "name": "Envois SA", "service": TEXT, "notice_hours": 12, "clause": "Article 8",
         "security_contact": {"name": "Astreinte", "email": "security@envois.example"}},
    ],
}  # fmt: skip


class Story:
    """A service in which time is told, not waited for."""

    def __init__(self, service: Service, time: FrozenDateTimeFactory) -> None:
        self.service = service
        self.time = time
        self.worker = service.worker()
        let_decide(service)
        self.put(Inventory.model_validate(INVENTORY))

    def put(self, inventory: Inventory) -> None:
        self.service.database.write(lambda session: content.import_inventory(session, OPERATOR, inventory, utc_now()))

    def at(self, instant: datetime) -> None:
        """It is this instant now, and the worker has looked at it."""
        self.time.move_to(instant)
        for _ in range(2):
            while self.worker.turn(utc_now()):
                pass
            self.time.tick(timedelta(seconds=31))
        self.time.move_to(instant)

    def act(self, work: Any, *command: Any) -> Any:
        knowledge, now = self.service.knowledge(), utc_now()
        return self.service.database.write(lambda session: work(session, RESPONDER, *command, knowledge, now))

    @property
    def dossier(self) -> Dossier:
        with self.service.database.reading() as session:
            return dossier_of(session, "INC-2026-0001", self.service.knowledge(), now=utc_now())

    def to(self, client: str) -> Obligation:
        return next(one for one in self.dossier.obligations if one.recipient == f"client:{client}")

    @property
    def said(self) -> list[str]:
        return [text for text, _ in self.service.channels["fake"].said if "prestataire" in text]  # type: ignore[attr-defined]


@pytest.fixture
def story(service: Service) -> Iterator[Story]:
    """It is Monday morning."""
    with freeze_time(MONDAY, ignore=["sqlalchemy", "concurrent", "threading", "queue"]) as time:
        service.now = utc_now
        yield Story(service, time)


def told(story: Story) -> int:
    done = story.act(record_provider_notice, ProviderTold("sender", TOLD, "Our support accounts were taken over."))
    assert done.incident == "INC-2026-0001"
    return int(done.number)


def test_the_notice_reaches_the_right_clients_in_the_right_roles(story: Story) -> None:
    """Whoever's data the provider held: a former client until deletion is certified; nobody of another processing."""
    told(story)
    perimeters = [one.perimeter for one in story.dossier.assessment.perimeters]
    roles = {one.client: one.our_role for one in perimeters if one.client}
    assert roles == {
        "rive-sante": Role.PROCESSOR, "rive-habitat": Role.SUB_PROCESSOR, "parti-sans-preuve": Role.PROCESSOR,
    }  # fmt: skip
    assert story.dossier.incident.systems == ("platform",)
    own = story.dossier.perimeter("own")
    assert own is not None
    assert own.perimeter.activities == ("news",)
    owed = [one for one in story.dossier.obligations if one.duty is DutyKind.CLIENT]
    assert {one.recipient.partition(":")[2] for one in owed} == set(roles)


def test_each_company_of_a_group_has_its_own_clock_and_its_own_contacts(story: Story) -> None:
    """Twenty-four hours by contract, through the portal; the other by our promise, received under a mandate."""
    told(story)
    first, second = story.to("rive-sante"), story.to("rive-habitat")
    assert (first.due_at, first.is_provisional) == (TOLD + 24 * HOUR, False)
    assert (first.terms.form, first.terms.sent_to) == (NoticeForm.PORTAL, "https://rive.example/incidents")
    assert second.due_at == TOLD + 72 * HOUR
    client = story.dossier.client_of(second)
    assert client is not None
    (only,) = addressees_for(client, story.dossier, utc_now())
    assert (only.contact.name, only.mandate) == ("Alix", "Mandat du 3 mars 2026")


def test_the_provider_is_asked_chased_once_a_day_and_left_alone_when_it_has_answered(story: Story) -> None:
    """Due within the hours of its contract; the team hears of its silence, each day once."""
    number = told(story)
    due_at = story.act(ask_provider, number, Asking(MONDAY, "mail", ("loss.confidentiality",)))
    assert due_at == MONDAY + 12 * HOUR
    story.at(due_at - HOUR)
    assert story.said == []
    story.at(due_at + HOUR)
    assert len(story.said) == 1
    story.at(due_at + 2 * HOUR)
    assert len(story.said) == 1
    story.at(due_at + 25 * HOUR)
    assert len(story.said) == 2
    story.act(record_provider_answer, number, ProviderAnswer("loss.confidentiality", "yes"))
    assert story.to("rive-sante").advice is Duty.REQUIRED
    story.at(due_at + 80 * HOUR)
    assert len(story.said) == 2
    assert sum(one.kind is EntryKind.REMINDED and (one.words or {}).get("provider") == "Envois SA"
               for one in story.dossier.timeline) == 2  # fmt: skip


def test_what_changes_in_the_inventory_afterwards_does_not_rewrite_who_was_touched(story: Story) -> None:
    """A client that leaves today was there then; one that comes next week was not; terms once copied stay."""
    told(story)
    before = {one.id: (one.recipient, one.terms, one.due_at) for one in story.dossier.obligations}
    later = Inventory.model_validate(
        {
            **INVENTORY,
            "clients": [
                {**one, "contract": {"ends_on": "2026-11-24", "notice": [{"clause": "Avenant", "hours": 4}]}}
                if one["id"] == "rive-sante"
                else one
                for one in INVENTORY["clients"]
            ],
        }
    )
    story.time.move_to(MONDAY + 48 * HOUR)
    story.put(later)
    story.act(record_provider_answer, 1, ProviderAnswer("loss.confidentiality", "yes"))
    after = {one.id: (one.recipient, one.terms, one.due_at) for one in story.dossier.obligations}
    assert after == before
    assert all(one.withdrawn_at is None for one in story.dossier.obligations)
