"""The JSON API of what providers tell us."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from breach_service.acts import providers as acts
from breach_service.acts.providers import Asking, ProviderAnswer, ProviderTold
from breach_service.domain.access import Act
from breach_service.domain.providers import NoticeChannel, ProviderNotice, standing_of
from breach_service.pipeline.drafting import letter_to_provider
from breach_service.store import provider_notices
from breach_service.web.api import Words
from breach_service.web.context import Here, Id, Who
from breach_service.web.needs import needs
from breach_service.web.seeing import note_shown, seen_dossier, visibility_for

router = APIRouter(prefix="/api/v1/providers")
Name = Annotated[Words, Field(max_length=200)]
Text = Annotated[Words, Field(max_length=20_000)]


class AskedOut(BaseModel):
    """One question that was put to the provider. Instants in UTC."""

    fact: str
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None


class ProviderNoticeOut(BaseModel):
    """A provider's notice. Instants in UTC."""

    number: int
    incident: str
    provider: str
    name: str
    channel: str
    received_at: datetime
    recorded_by: str
    reference: str
    """The provider's own."""
    digest: str
    """SHA-256 of what it said, hex; the words stand in the chronology of the incident."""
    systems: list[str]
    activities: dict[str, list[str]]
    """By system the activities that depend on the provider."""
    standing: str
    """`to_be_asked`, `waiting`, `overdue` or `answered`."""
    due_at: datetime | None
    questions: list[AskedOut]


class OneProviderNoticeOut(ProviderNoticeOut):
    """A provider's notice with the letter that asks what is open now."""

    letter: str


class ProviderNoticeIn(BaseModel):
    """What a provider told us; `systems` empty: all that depend on it; `incident` empty: it opens one."""

    model_config = ConfigDict(extra="forbid")
    provider: Name
    received_at: AwareDatetime
    said: Text
    channel: NoticeChannel = NoticeChannel.MAIL
    systems: list[Name] = Field(default_factory=list, max_length=500)
    reference: Name = ""
    incident: Name = ""


class NotifiedOut(BaseModel):
    """The number of the notice and the reference of its incident."""

    number: int
    incident: str


class AskingIn(BaseModel):
    """The letter was sent; `facts` empty: everything that the letter asks now."""

    model_config = ConfigDict(extra="forbid")
    sent_at: AwareDatetime
    means: Name
    facts: list[Name] = Field(default_factory=list, max_length=100)


class AskingOut(BaseModel):
    """Until when the answers are due (UTC)."""

    due_at: datetime


class AnswerIn(BaseModel):
    """The provider answered one question; `value` as facts take it."""

    model_config = ConfigDict(extra="forbid")
    fact: Name
    value: Any
    note: Text = ""
    answered_at: AwareDatetime | None = None


def provider_notice_out(one: ProviderNotice, now: datetime) -> dict[str, Any]:
    """A notice as plain values, for JSON."""
    return {
        "number": one.id, "incident": one.incident, "provider": one.provider, "name": one.name,
        "channel": str(one.channel), "received_at": one.received_at, "recorded_by": one.recorded_by,
        "reference": one.reference, "digest": one.digest, "systems": list(one.systems),
        "activities": {system: list(some) for system, some in one.activities.items()},
        "standing": str(standing_of(one, now)), "due_at": one.due_at,
        "questions": [
            {"fact": each.fact, "asked_at": each.asked_at, "due_at": each.due_at, "answered_at": each.answered_at}
            for each in one.questions
        ],
    }  # fmt: skip


@router.get("/notices", dependencies=[needs(Act.LOOK)])
def list_notices(request: Request, here: Here, who: Who) -> list[ProviderNoticeOut]:
    """What providers told us, the latest received first."""
    with here.database.reading() as session:
        found = provider_notices.newest(session, visibility_for(who, here))
    note_shown(here, who, request, (one.incident for one in found))
    return [ProviderNoticeOut.model_validate(provider_notice_out(one, here.now())) for one in found]


@router.post("/notices", dependencies=[needs(Act.DECLARE)], status_code=201)
def add_notice(command: ProviderNoticeIn, here: Here, who: Who) -> NotifiedOut:
    """Take a notice down: one incident over everything that depends on the provider."""
    told = ProviderTold(
        command.provider, command.received_at, command.said, command.channel, tuple(command.systems),
        command.reference, command.incident,
    )  # fmt: skip
    done = here.database.write(
        lambda session: acts.record_provider_notice(session, who.actor, told, here.knowledge(), here.now())
    )
    return NotifiedOut(number=done.number, incident=done.incident)


@router.get("/notices/{number}", dependencies=[needs(Act.LOOK)])
def one_notice(number: Id, request: Request, here: Here, who: Who) -> OneProviderNoticeOut:
    """One notice, with the letter."""
    with here.database.reading() as session:
        notice = provider_notices.one(session, number, visibility_for(who, here))
    dossier = seen_dossier(here, who, request, notice.incident)
    letter = letter_to_provider(dossier, notice, None, here.knowledge(), here.renderer, here.now())
    values = provider_notice_out(notice, here.now())
    return OneProviderNoticeOut.model_validate({**values, "letter": letter.as_text()})


@router.post("/notices/{number}/asked", dependencies=[needs(Act.RECORD_FACT)])
def questions_sent(number: Id, command: AskingIn, here: Here, who: Who) -> AskingOut:
    """Our questions were sent: until when answers are due."""
    wanted = Asking(command.sent_at, command.means, tuple(command.facts))
    due_at = here.database.write(
        lambda session: acts.ask_provider(session, who.actor, number, wanted, here.knowledge(), here.now())
    )
    return AskingOut(due_at=due_at)


@router.post("/notices/{number}/answers", dependencies=[needs(Act.RECORD_FACT)], status_code=204)
def add_answer(number: Id, command: AnswerIn, here: Here, who: Who) -> None:
    """Write an answer down as a fact that the provider established."""
    said = ProviderAnswer(command.fact, command.value, command.note, command.answered_at)
    here.database.write(
        lambda session: acts.record_provider_answer(session, who.actor, number, said, here.knowledge(), here.now())
    )
