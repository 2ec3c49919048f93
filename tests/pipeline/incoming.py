"""A sender, and a look at what became of what it sent: shared by the tests of pipeline, acts, worker and notify."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import func
from sqlmodel import SQLModel, select

from breach_service.acts import senders
from breach_service.acts.senders import Connection
from breach_service.app import OPERATOR, Service
from breach_service.domain.access import Actor
from breach_service.domain.deadlines import Obligation
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import EntryKind, Incident
from breach_service.pipeline import Gate, process
from breach_service.pipeline.dossiers import dossier_of
from breach_service.store import incidents
from breach_service.store.tables import SourceRow
from tests.deciders import let_decide

Row = TypeVar("Row", bound=SQLModel)

WEB_SHELL = {"title": "PHP file in the upload folder", "signal": "web_shell", "host": "app-01", "id": "shell"}
"""Opens an incident on the system `application`."""
SCAN = {"title": "Pages tried one after the other", "signal": "scan", "host": "app-01", "id": "scan"}
"""Opens nothing by itself."""


class Incoming:
    """One sender of plain JSON named `probe`, connected to a service."""

    def __init__(self, service: Service, source: str = "probe") -> None:
        self.service = service
        self.source = source
        self.gate = Gate(service.database, service.cipher, 100_000)
        self._secrets: dict[str, str] = {}
        let_decide(service)
        self.connect(source)

    @property
    def now(self) -> datetime:
        """What the clock of the service says."""
        return self.service.now()

    def connect(self, name: str, kind: str = "json", auth: str = "bearer", observe: timedelta = timedelta()) -> None:
        """One more sender."""
        with self.service.database.reading() as session:
            if session.exec(select(SourceRow).where(SourceRow.name == name)).first() is not None:
                return
        new = self.service.database.write(
            lambda session: senders.add_source(
                session,
                OPERATOR,
                Connection(name, kind, auth, observe=observe),
                self.service.cipher,
                self.service.now(),
            )
        )
        self._secrets[name] = new.secret
        self.gate.renew()

    def send_bytes(self, body: bytes, source: str | None = None, **more: str) -> None:
        """Deliver a body as it is, with more headers where they are given; it waits in the inbox."""
        name = source or self.source
        headers = {"authorization": f"Bearer {self._secrets[name]}"}
        headers |= {key.replace("_", "-"): value for key, value in more.items()}
        self.gate.receive(name, None, headers, "", body, self.now).result(30)

    def send(self, *alerts: dict[str, Any], source: str | None = None, **changes: Any) -> None:
        """Deliver alerts in one body, dated now unless they say otherwise; they wait in the inbox."""
        said = [{"occurred_at": self.now.isoformat(), **one, **changes} for one in alerts]
        self.send_bytes(json.dumps(said).encode(), source)

    def process(self) -> None:
        """Process until nothing waits."""
        while process(self.service.database, self.service.cipher, self.service.knowledge(), self.now):
            pass

    def alert(self, *alerts: dict[str, Any], source: str | None = None, **changes: Any) -> None:
        """Deliver alerts and process them."""
        self.send(*alerts, source=source, **changes)
        self.process()

    def act(self, act: Callable[..., Any], actor: Actor, *command: Any, reference: str = "INC-2026-0001") -> Any:
        """A person does something to an incident, now."""
        knowledge, now = self.service.knowledge(), self.now
        return self.service.database.write(lambda session: act(session, actor, reference, *command, knowledge, now))

    def incidents(self) -> list[Incident]:
        """Every incident, oldest first."""
        with self.service.database.reading() as session:
            return [one.incident for one in reversed(incidents.summaries(session))]

    def incident(self) -> Incident:
        """The one incident that there is."""
        (only,) = self.incidents()
        return only

    def dossier(self, reference: str = "INC-2026-0001") -> Dossier:
        """Everything about one incident."""
        with self.service.database.reading() as session:
            return dossier_of(session, reference, self.service.knowledge())

    def owed_to(self, recipient: str, reference: str = "INC-2026-0001") -> Obligation:
        """The obligation towards one recipient."""
        (only,) = [one for one in self.dossier(reference).obligations if one.recipient == recipient]
        return only

    def kinds(self, reference: str = "INC-2026-0001") -> list[EntryKind]:
        """What kinds of lines the chronology of an incident holds, oldest first."""
        return [one.kind for one in self.dossier(reference).timeline]

    def rows(self, table: type[Row]) -> list[Row]:
        """Every row of a table, oldest first."""
        with self.service.database.reading() as session:
            return list(session.exec(select(table).order_by(table.id)))  # type: ignore[arg-type]

    def count(self, table: type[Row]) -> int:
        """How many rows a table has."""
        with self.service.database.reading() as session:
            return int(session.exec(select(func.count()).select_from(table)).one())
