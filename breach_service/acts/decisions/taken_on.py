"""What an act of deciding stands on: the facts, the rules and the result of its moment, kept beside it."""

from collections.abc import Iterable

from breach_service.domain.assessment import PerimeterAssessment
from breach_service.domain.basis import Basis, basis_of, departs_from
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.facts import values_of
from breach_service.domain.precedents import LikeCase, like_cases
from breach_service.pipeline.dossiers import dossier_of
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store.database import Session
from breach_service.store.tables import IncidentRow


def basis_now(
    session: Session, row: IncidentRow, knowledge: Knowledge, about: Iterable[tuple[str, str]] = ()
) -> Basis:  # fmt: skip
    """What is known of an incident now and how it is judged; `about` are the duties (perimeter, duty) decided on.

    Of these it names the like cases that the pages show beside the decision.
    """
    dossier = dossier_of(session, row.reference, knowledge)
    pairs = [(dossier.perimeter(perimeter), duty) for perimeter, duty in about]
    shown = dict.fromkeys(
        one.precedent.id for assessed, duty in pairs if assessed for one in cases_like(assessed, duty, knowledge)
    )
    return basis_of(
        dossier.assessment, dossier.facts, row.systems, knowledge.catalogue.digest, knowledge.inventory_revision, shown
    )


def cases_like(assessed: PerimeterAssessment, duty: str, knowledge: Knowledge) -> tuple[LikeCase, ...]:
    """How regulators judged a duty (`authority`, `persons`, `clients`) on facts like those of a perimeter."""
    return like_cases(values_of(assessed.facts), knowledge.catalogue.precedents, duty)


def duty_named(kind: str) -> str:
    """The duty that an obligation is about, as assessments name it."""
    return "clients" if kind == DutyKind.CLIENT else kind


def words_of_basis(basis: Basis | None) -> dict[str, str]:
    """What a line of the chronology says of what was decided on: digests of rules and facts, and the like cases."""
    if basis is None:
        return {}
    words = {"rules_digest": basis.content, "facts_digest": basis.facts}
    return words | ({"precedents": " ".join(basis.precedents)} if basis.precedents else {})


def departing(basis: Basis, perimeter: str, duty: str, *, is_to_notify: bool) -> dict[str, str]:
    """What a line says of the service's advice, and that a decision departs from it."""
    advice = basis.advice(perimeter, duty)
    words = {"advice": str(advice)} if advice is not None else {}
    return words | ({"departs": "yes"} if departs_from(advice, is_to_notify) else {})
