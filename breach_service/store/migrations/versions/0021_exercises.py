"""Exercises: what their terms are multiplied by, which scenario they play, and what has arrived in them."""

import sqlalchemy as sa
from alembic import op

from breach_service.store.columns import UtcDateTime

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Everything there is so far is no exercise; what has arrived in one stays written down."""
    op.add_column("incident", sa.Column("drill_scale", sa.Float(), nullable=False, server_default="1"))
    op.create_table(
        "drill",
        sa.Column("incident_id", BIG, autoincrement=False, nullable=False),
        sa.Column("scenario", sa.JSON(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("incident_id"),
    )
    op.create_index("ix_drill_ended_at", "drill", ["ended_at"])
    op.create_table(
        "drill_inject",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("inject", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["drill.incident_id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("incident_id", "inject"),
    )
    _keep(is_sqlite=op.get_bind().dialect.name == "sqlite")


def _keep(*, is_sqlite: bool) -> None:
    for name, act in (("drill_inject_refuses_update", "UPDATE"), ("drill_inject_refuses_delete", "DELETE")):
        if is_sqlite:
            action = "BEGIN SELECT RAISE(ABORT, 'drill_inject is insert-only'); END"
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON drill_inject {action}")
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON drill_inject FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
