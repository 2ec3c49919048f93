"""What a reminder says: date with its offset, kinds and numbers, a link; never a name."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from breach_service.app import Service
from breach_service.domain.reminders import ReminderReason
from breach_service.worker.reminder_words import sentence_for
from tests.pipeline.incoming import WEB_SHELL, Incoming

DUE = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def said(service: Service, language: str, **payload: Any) -> str:
    incoming = Incoming(service)
    incoming.alert(WEB_SHELL)
    dossier = incoming.dossier()
    knowledge = replace(service.knowledge(), language=language)
    payload = {"about": "due_soon", "due_at": DUE.isoformat(), "others": 0, **payload}
    found = sentence_for(
        payload, dossier.incident, knowledge, service.renderer, dossier.obligations, "https://breach.example"
    )
    return found.replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("fr", ["jeu. 26 nov., 10 h 00 (UTC+1)", "Et 299 de plus.", "CNIL, 299 clients"]),
        ("en", ["Thu 26 Nov, 10:00 (UTC+1)", "And 299 more.", "CNIL, 299 clients"]),
    ],
)
def test_it_says_when_to_whom_and_where(sqlite_service: Service, language: str, parts: list[str]) -> None:
    """In the organisation's zone with its offset; clients are counted, never named."""
    sentence = said(sqlite_service, language, others=299, duties={"authority": 1, "client": 299})
    for part in parts:
        assert part in sentence
    assert sentence.startswith("INC-2026-0001")
    assert sentence.endswith("https://breach.example/incidents/INC-2026-0001")
    for client in sqlite_service.knowledge().inventory.clients:
        assert client.name not in sentence


@pytest.mark.parametrize("reason", ReminderReason)
def test_what_an_earlier_release_queued_is_still_said(sqlite_service: Service, reason: ReminderReason) -> None:
    """Without kinds: nothing in the outbox gets stuck."""
    assert "INC-2026-0001" in said(sqlite_service, "fr", about=str(reason))
