"""What each opinion and each decision was taken on: kept once with the position, never changed."""

from sqlmodel import Session, col, select

from breach_service.domain.basis import Basis
from breach_service.store.access_tables import PositionRow
from breach_service.store.deciding_tables import DecisionBasisRow


def add_basis(session: Session, position: int, basis: Basis) -> None:
    """Keep the basis of a position by its number."""
    session.add(
        DecisionBasisRow(
            position_id=position, content_digest=basis.content, inventory_revision=basis.inventory,
            facts_digest=basis.facts, last_fact=basis.last_fact, precedents=list(basis.precedents),
            result={
                "personal_data": basis.personal_data, "risk_min": basis.risk_least, "risk_max": basis.risk_most,
                "duties": dict(basis.duties),
            },
        )
    )  # fmt: skip
    session.flush()


def bases_of(session: Session, incident_id: int) -> dict[int, Basis]:
    """The basis of each position of an incident, by the number of the position; older ones may have none."""
    rows = session.exec(
        select(DecisionBasisRow)
        .join(PositionRow, col(PositionRow.id) == DecisionBasisRow.position_id)
        .where(PositionRow.incident_id == incident_id)
    )
    return {row.position_id: _basis(row) for row in rows}


def _basis(row: DecisionBasisRow) -> Basis:
    said = row.result
    return Basis(
        content=row.content_digest, inventory=row.inventory_revision, facts=row.facts_digest, last_fact=row.last_fact,
        personal_data=said["personal_data"], risk_least=said["risk_min"], risk_most=said["risk_max"],
        duties=dict(said["duties"]), precedents=tuple(row.precedents),
    )  # fmt: skip
