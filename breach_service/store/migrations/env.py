"""Alembic's entry: runs on the connection that `migrate` hands over."""

from alembic import context

from breach_service.store import access_tables as _access_tables  # noqa: F401  # its tables belong to the schema
from breach_service.store import calls_tables as _calls_tables  # noqa: F401  # as above
from breach_service.store import clock_tables as _clock_tables  # noqa: F401  # as above
from breach_service.store import deciding_tables as _deciding_tables  # noqa: F401  # as above
from breach_service.store import drill_tables as _drill_tables  # noqa: F401  # as above
from breach_service.store import expected_tables as _expected_tables  # noqa: F401  # as above
from breach_service.store import grouping_tables as _grouping_tables  # noqa: F401  # as above
from breach_service.store import playbook_tables as _playbook_tables  # noqa: F401  # as above
from breach_service.store import provider_tables as _provider_tables  # noqa: F401  # as above
from breach_service.store import reminder_tables as _reminder_tables  # noqa: F401  # as above
from breach_service.store import report_tables as _report_tables  # noqa: F401  # as above
from breach_service.store import silence_tables as _silence_tables  # noqa: F401  # as above
from breach_service.store import unknown_tables as _unknown_tables  # noqa: F401  # as above
from breach_service.store import work_tables as _work_tables  # noqa: F401  # as above
from breach_service.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite cannot alter a column in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
