"""Notices for checking letters: one in which nothing is known, one in which everything is. All data are invented."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from breach_service.domain.assessment import Duty
from breach_service.domain.conditions import FactValue, NumberRange, Truth
from breach_service.domain.deadlines import RegimeKind, Terms
from breach_service.domain.discovery import Discovery
from breach_service.domain.drafts import ActivityPart, Notice
from breach_service.domain.incident import InstantKind
from breach_service.domain.inventory import Client, Contact, DataCategory, Organisation, Provider, Role
from breach_service.domain.known import MISSING, Known, Standing
from breach_service.domain.measures import MeasurePart
from breach_service.domain.notice import PROVIDER_SLUG, Addressee
from breach_service.domain.rules import Loss
from breach_service.domain.text import Text

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_FACTS: dict[str, FactValue] = {
    "cross_border.countries": frozenset({"BE"}),
    "cross_border.other_member_states": Truth.YES,
    "data.categories": frozenset({"contact"}),
    "encryption.state_of_the_art": Truth.YES,
    "exposure.duration_hours": NumberRange(1, 2),
    "incident.cause": "external_malicious",
    "incident.contained": Truth.YES,
    "incident.discovery": "monitoring",
    "incident.origins": frozenset({"hacking"}),
    "measures.taken": frozenset({"isolated"}),
    "persons.categories": frozenset({"customers"}),
    "records.number": NumberRange(100, 200),
}


def sample_notices(slug: str) -> tuple[Notice, ...]:
    """A notice of that letter in which nothing is known, and one in which everything is."""
    blank = _blank(slug)
    return blank, _full(blank)


def _blank(slug: str) -> Notice:
    is_ours = slug != "client"
    return Notice(
        slug=slug,
        language="fr",
        reference="INC-2026-0001",
        organisation=Organisation(id="sample", name="Sample", dpo=Contact(name="")),
        our_role=Role.CONTROLLER if is_ours else Role.PROCESSOR,
        controller="Sample",
        client=None if is_ours else Client(id="sample-client", name="Sample client"),
        activities=(),
        further_data=(),
        providers=(),
        signals=(),
        instants={InstantKind.DETECTED_AT: _NOON},
        losses=dict.fromkeys(Loss, MISSING),
        facts={},
        number_of_persons=MISSING,
        persons_duty=Duty.UNDECIDED,
        persons_told_at=None,
        persons_told_by="",
        terms=Terms("sample", RegimeKind.LEGAL, "RGPD art. 33", 72, None, InstantKind.AWARE_AT),
        triggered_at=_NOON,
        due_at=_NOON + timedelta(hours=72),
        is_late=False,
        provider=_SAMPLE_PROVIDER if slug == PROVIDER_SLUG else None,
        answer_by=_NOON if slug == PROVIDER_SLUG else None,
    )


_SAMPLE_PROVIDER = Provider(id="sample-provider", name="Sample provider", service=Text(fr="mots", en="words"))


def _full(blank: Notice) -> Notice:
    text = Text(fr="mots", en="words")
    person = Contact(name="Sample", function="DPO", email="dpo@sample.example", phone="01")
    data = DataCategory(id="contact", name=text, cnil="contact")
    return replace(
        blank,
        organisation=Organisation(id="sample", name="Sample", representative=person, dpo=person, sector=text),
        activities=(ActivityPart(text, (text,), (data,), (text,)),),
        further_data=(data,),
        providers=(_SAMPLE_PROVIDER,),
        signals=(text,),
        instants=dict.fromkeys(InstantKind, _NOON),
        losses={loss: Known(Truth.YES, Standing.ESTABLISHED) for loss in Loss},
        facts={name: Known(value, Standing.ESTABLISHED, (("one", text),)) for name, value in _FACTS.items()},
        number_of_persons=Known(NumberRange(10, 20), Standing.ASSUMED),
        persons_duty=Duty.REQUIRED,
        persons_told_at=_NOON,
        persons_told_by="mail",
        is_late=True,
        delay_reason="words",
        discovery=Discovery(_NOON, "client", "mail"),
        sent_at=_NOON,
        receipt="1",
        data=frozenset({"contact"}),
        measures=(
            MeasurePart(True, "flaw_fixed", text, "words", _NOON.date()),
            MeasurePart(False, "", None, "words", _NOON.date()),
        ),
        addressees=(Addressee(person, "Sample mandate"), Addressee(person)),
        questions=(text,),
        answer_by=_NOON,
        provider_reference="1",
    )
