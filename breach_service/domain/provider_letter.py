"""What a letter to a provider may say: what it told us, what we must know, and until when. No client, no person."""

from collections.abc import Iterable
from datetime import datetime

from breach_service.domain.assessment import Duty
from breach_service.domain.deadlines import RegimeKind, Terms
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import InstantKind
from breach_service.domain.inventory import Contact, Provider, Role
from breach_service.domain.known import MISSING
from breach_service.domain.notice import PROVIDER_SLUG, ActivityPart, Addressee, Notice
from breach_service.domain.providers import ProviderNotice, answer_due_at
from breach_service.domain.rules import Loss
from breach_service.domain.text import Text


def provider_letter(
    dossier: Dossier, notice: ProviderNotice, provider: Provider | None, questions: Iterable[Text], now: datetime
) -> Notice:
    """The letter that asks a provider; one that left the inventory keeps the name that it had.

    The activities are named without whose they are: a provider learns no client from us.
    """
    provider = provider or Provider(id=notice.provider, name=notice.name, service=Text(fr=notice.name))
    contact = contact_of(provider)
    return Notice(
        slug=PROVIDER_SLUG,
        language=contact.language if contact else "fr",
        reference=dossier.incident.reference,
        organisation=dossier.organisation,
        our_role=Role.CONTROLLER,
        controller=dossier.organisation.name,
        client=None,
        activities=_activities(dossier, notice),
        further_data=(),
        providers=(),
        signals=(),
        instants={InstantKind.DETECTED_AT: dossier.incident.detected_at, InstantKind.RECEIVED_AT: notice.received_at},
        losses=dict.fromkeys(Loss, MISSING),
        facts={},
        number_of_persons=MISSING,
        persons_duty=Duty.UNDECIDED,
        persons_told_at=None,
        persons_told_by="",
        terms=Terms(
            PROVIDER_SLUG, RegimeKind.CONTRACT, provider.clause, provider.notice_hours, None, InstantKind.RECEIVED_AT
        ),
        triggered_at=notice.received_at,
        due_at=notice.due_at,
        is_late=False,
        addressees=(Addressee(contact),) if contact else (),
        provider=provider,
        questions=tuple(questions),
        answer_by=notice.due_at or answer_due_at(now, provider),
        provider_reference=notice.reference,
    )


def contact_of(provider: Provider) -> Contact | None:
    """Whom to ask during an incident: the security contact, else the usual one."""
    return provider.security_contact or provider.contact


def _activities(dossier: Dossier, notice: ProviderNotice) -> tuple[ActivityPart, ...]:
    named = dict.fromkeys(one for some in notice.activities.values() for one in some)
    held = filter(None, map(dossier.inventory.activity, named))
    categories = dossier.inventory.data_category
    return tuple(ActivityPart(one.name, (), tuple(filter(None, map(categories, one.data))), ()) for one in held)
