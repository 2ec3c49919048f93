"""What opinions and decisions were taken on: rules, facts and result of the moment."""

import sqlalchemy as sa
from alembic import op

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "decision_basis"

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the table, which the database itself keeps from being rewritten."""
    op.create_table(
        TABLE,
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("position_id", BIG, nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("inventory_revision", BIG, nullable=False),
        sa.Column("facts_digest", sa.String(), nullable=False),
        sa.Column("last_fact", BIG, nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("precedents", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("position_id"),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for act in ("UPDATE", "DELETE"):
        name = f"{TABLE}_refuses_{act.lower()}"
        if is_sqlite:
            action = f"BEGIN SELECT RAISE(ABORT, '{TABLE} is insert-only'); END"
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {TABLE} {action}")
        else:
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {TABLE} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
