"""What persons are told by mail: opened, written in their language, handed to the mail server."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from breach_service.acts.telling import ToldKind
from breach_service.notify.channel import DeliveryFailed, DeliveryFault
from breach_service.notify.mail import Mail, MailChannel
from breach_service.pipeline import Knowledge
from breach_service.rendering import Renderer
from breach_service.store import people
from breach_service.store.cipher import Cipher
from breach_service.store.database import Database
from breach_service.store.outbox import Claim
from breach_service.store.tables import UserRow

WITH_A_LINK = frozenset({ToldKind.INVITATION, ToldKind.NEW_PASSWORD})
"""What is told for the sake of its link, which opens `until` the instant among the words."""


@dataclass(frozen=True)
class Post:
    """The way to the mailboxes of persons."""

    mail: MailChannel
    database: Database
    cipher: Cipher
    renderer: Renderer
    public_url: str

    def tell(self, claim: Claim, knowledge: Knowledge, now: datetime) -> None:
        """Send what one person is told. Nobody is told who was disabled, and of no link that opens no more."""
        content = json.loads(self.cipher.open(bytes.fromhex(str(claim.payload["sealed"]))))
        with self.database.reading() as session:
            row = people.user(session, int(claim.payload["user"]))
        if row is None or row.disabled_at is not None or _is_over(content, now):
            return
        if content["kind"] not in tuple(ToldKind):
            sentence = f"this release has no words for {content['kind']}"
            raise DeliveryFailed(DeliveryFault.REFUSED, sentence, is_permanent=True)
        link = f"{self.public_url.rstrip('/')}{content['path']}" if content["path"] else ""
        subject, text = self._written(str(content["kind"]), content["words"], link, row, knowledge)
        self.mail.send(Mail(row.email, subject, text, claim.key, now))

    def answer(self, claim: Claim, knowledge: Knowledge, now: datetime) -> None:
        """Tell somebody who reported by mail the number of the report, in both languages: theirs is not known."""
        content = json.loads(self.cipher.open(bytes.fromhex(str(claim.payload["sealed"]))))
        organisation = knowledge.inventory.organisations[0]
        values = {
            "words": content, "organisation": organisation.name,
            "instants": {"told_at": datetime.fromisoformat(content["told_at"])},
        }  # fmt: skip
        first, second = ("fr", "en") if content["language"] == "fr" else ("en", "fr")
        written = [
            self.renderer.message("report_answer.txt", one, organisation.zone, values).strip().partition("\n")
            for one in (first, second)
        ]
        text = "\n\n\n".join(one[2].strip() for one in written) + "\n"
        subject = " ".join(written[0][0].split())
        reply = content["message_id"] or f"<{content['number'].lower()}@breach_service.invalid>"
        self.mail.send(Mail(content["to"], subject, text, claim.key, now, reply))

    def _written(
        self, kind: str, words: dict[str, str], link: str, row: UserRow, knowledge: Knowledge
    ) -> tuple[str, str]:  # fmt: skip
        """The subject, which is the first line of the template, and the text below it."""
        organisation = knowledge.inventory.organisations[0]
        values = {
            "words": words,
            "days": _days(words.get("days", "")),
            "instants": {name: at for name, value in words.items() if (at := _instant(value)) is not None},
            "name": row.name,
            "link": link,
            "organisation": organisation.name,
        }
        written = self.renderer.message(f"{kind}.txt", row.language, organisation.zone, values)
        subject, _, text = written.strip().partition("\n")
        return " ".join(subject.split()), text.strip() + "\n"


def _is_over(content: dict[str, Any], now: datetime) -> bool:
    """True for a link that opens no more: the mail waited for too long."""
    return content["kind"] in WITH_A_LINK and datetime.fromisoformat(content["words"]["until"]) <= now


def _days(value: str) -> list[date]:
    """Days as `2026-11-30 2026-12-01`; none for anything else."""
    try:
        return [date.fromisoformat(one) for one in value.split()]
    except ValueError:
        return []


def _instant(value: str) -> datetime | None:
    """An instant among the words, written with its offset; None for any other word."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None
