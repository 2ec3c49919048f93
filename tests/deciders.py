"""People who decide in tests: their accounts and mandates, put into a database as they would stand there.

No conftest, so that a module says what it uses: `from tests.deciders import DPO, let_decide`.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from breach_service.acts.clocks.proposing import waiting
from breach_service.acts.clocks.settling import confirm
from breach_service.acts.notices import approve_draft, digest_of
from breach_service.app import Service
from breach_service.domain.access import Actor, Mandate, MandateKind, UserRole
from breach_service.domain.dossier import Dossier
from breach_service.pipeline.dossiers import dossier_of
from breach_service.store import deciding, incidents
from breach_service.store.database import Session
from breach_service.store.tables import UserRow

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CAMILLE = 900_001
DPO = Actor("Camille Vauzelle", UserRole.DPO, person=CAMILLE)
"""A data protection officer who holds a delegation for every decision, once `let_decide` was called."""


def let_decide(service: Service, actor: Actor = DPO, kind: MandateKind = MandateKind.DELEGATION) -> None:
    """Make the account of an actor, where it is missing, and let them decide everything from long ago on."""

    def work(session: Session) -> None:
        number = actor.person or 0
        if session.get(UserRow, number) is None:
            add_account(session, actor)
            give_mandate(session, number, kind)

    service.database.write(work)


def add_account(session: Session, actor: Actor, language: str = "en") -> None:
    """The account that an actor stands for."""
    email = f"p{actor.person}@us.example"
    session.add(
        UserRow(id=actor.person, email=email, name=actor.name, role=actor.role, language=language, created_at=LONG_AGO)
    )
    session.flush()


def approve(
    service: Service, obligation: int, text_of: Callable[[Dossier, int], str], now: datetime, *, actor: Actor = DPO,
    reference: str = "INC-2026-0001",
) -> None:  # fmt: skip
    """Release the text of a notice as it stands now."""
    knowledge = service.knowledge()

    def work(session: Session) -> None:
        shown = digest_of(text_of(dossier_of(session, reference, knowledge), obligation))
        approve_draft(session, actor, reference, obligation, shown, knowledge, service.cipher, text_of, now)

    service.database.write(work)


def give_mandate(session: Session, person: int, kind: MandateKind = MandateKind.DELEGATION) -> Mandate:
    """Every decision in every organisation, from long ago on, without an end."""
    new = Mandate(
        0, person, "", kind, "", frozenset(), "The legal representative", "Minutes of 1 January 2020", LONG_AGO, None
    )
    return deciding.add_mandate(session, new, "operator", LONG_AGO)


SECOND = Actor("Robin Delattre", UserRole.RESPONDER, person=900_099)
"""Somebody who confirms, as the second person, what others propose."""


def agree(service: Service, now: datetime, *, reference: str = "INC-2026-0001", actor: Actor = SECOND) -> None:
    """Let a second person confirm everything that is proposed of the clocks of an incident."""
    knowledge = service.knowledge()

    def work(session: Session) -> None:
        if session.get(UserRow, actor.person or 0) is None:
            add_account(session, actor)
        row = incidents.row_of(session, reference)
        for one in waiting(session, row, now):
            confirm(session, actor, reference, one.id, "I agree.", knowledge, now)

    service.database.write(work)
