"""Opinions and decisions in JSON."""

from typing import Any

from breach_service.domain.deciding import Divergence, Position, approval_of
from breach_service.domain.dossier import Dossier
from breach_service.store import deciding
from breach_service.web.context import Context


def position_out(one: Position) -> dict[str, Any]:
    """An opinion or a decision as JSON."""
    return {
        "id": one.id, "kind": str(one.kind), "subject": str(one.subject.kind), "obligation": one.subject.obligation,
        "value": one.value, "reason": one.reason, "by": one.by, "at": one.at,
        "ground": str(one.ground) if one.ground else None, "ground_number": one.ground_id,
    }  # fmt: skip


def approval_out(here: Context, dossier: Dossier, obligation: int) -> dict[str, Any] | None:
    """The text of a notice that was approved last, and by whom; None while none was."""
    found = approval_of(dossier.positions, obligation)
    if found is None:
        return None
    with here.database.reading() as session:
        text = deciding.approved_text(session, here.cipher, found.id)
    return {"by": found.by, "at": found.at, "digest": found.value, "text": text}


def divergence_out(one: Divergence) -> dict[str, Any]:
    """A question on which advice and decision differ, as JSON."""
    return {
        "subject": str(one.subject.kind), "obligation": one.subject.obligation,
        "opinion": position_out(one.opinion), "decision": position_out(one.decision),
    }  # fmt: skip
