"""The part of the JSON API that is about silences: list, make, end, and try one on the last days."""

from dataclasses import replace
from datetime import datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from breach_service.acts import silences as acts
from breach_service.acts.silences import NewSilence
from breach_service.domain.access import Act
from breach_service.domain.conditions import Lines
from breach_service.domain.silences import Matchers, PastAlert, Preview, Recurrence, Silence, lines_of
from breach_service.store import silences
from breach_service.web.api import Limit, Moment, Words
from breach_service.web.context import Here, Id, Who
from breach_service.web.needs import needs
from breach_service.web.seeing import note_shown, visibility_for

router = APIRouter(prefix="/api/v1/silences")
MOST_SHOWN = 200
"""Alerts that a preview lists; all are counted."""
Many = Annotated[list[Words], Field(max_length=100)]


class RecurrenceIn(BaseModel):
    """Windows of local time; `until` at or before `since` is on the next day."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)
    weekdays: frozenset[Annotated[int, Field(ge=0, le=6)]]
    """On which a window begins: 0 is Monday."""
    since: time
    until: time
    zone: Words = Field(max_length=100)
    """IANA name."""


class MatchersIn(BaseModel):
    """Of each kind one of the values must fit, and every kind that has any must."""

    model_config = ConfigDict(extra="forbid")
    sources: Many = []
    systems: Many = []
    entities: Many = []
    signals: Many = []
    rules: Many = []


class TrialOfSilenceIn(BaseModel):
    """Which alerts, until when: by `match`, by `when`, by both (then both must hold), or a list of scanners."""

    model_config = ConfigDict(extra="forbid")
    match: MatchersIn = MatchersIn()
    when: Lines = Field(default_factory=dict, max_length=50)
    """Conditions as in `playbooks/grouping.yaml`, each under a name of its own."""
    scanners: list[Words] = Field(default_factory=list, max_length=1000)
    starts_at: Moment | None = None
    """Null: now."""
    ends_at: Moment
    recurrence: RecurrenceIn | None = None
    owner: Words = Field("", max_length=200)
    """Who answers for it; empty: who makes it."""


class SilenceIn(TrialOfSilenceIn):
    """A silence with its reason."""

    alert: int | None = Field(None, ge=1, le=2**63 - 1)
    """The alert from which it is made: who does not see its incident is not shown what is silenced, nor why."""
    reason: Words = Field(min_length=1, max_length=2000)


class SilenceOut(BaseModel):
    """A silence. Instants in UTC."""

    id: int
    kind: str
    state: str
    owner: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    when: dict[str, Any]
    scanners: list[str]
    recurrence: RecurrenceIn | None
    created_by: str
    created_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    silenced: int
    """How many alerts it silenced so far."""
    last_silenced_at: datetime | None
    is_withheld: bool
    """True where it was made from an alert that you do not see: what it is about, why and how often is left out."""


def silence_out(one: Silence, now: datetime) -> SilenceOut:
    """A silence as JSON."""
    return SilenceOut(
        id=one.id,
        kind=one.kind,
        state=one.state(now),
        owner=one.owner,
        reason=one.reason,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        when=silences.lines_as_json(one.when),
        scanners=list(one.scanners),
        recurrence=RecurrenceIn.model_validate(one.recurrence) if one.recurrence else None,
        created_by=one.created_by,
        created_at=one.created_at,
        ended_at=one.ended_at,
        ended_by=one.ended_by,
        silenced=one.silenced,
        last_silenced_at=one.last_silenced_at,
        is_withheld=one.is_withheld,
    )


class PastAlertOut(BaseModel):
    """An alert of the last days."""

    source: str
    title: str
    signal: str
    count: int
    first_at: datetime
    last_at: datetime
    incident: str | None


class PreviewOut(BaseModel):
    """What a silence would have done to the alerts of the last seven days."""

    matched: int
    """Alerts that it would have silenced; `count` is how many times they were said."""
    count: int
    waking: int
    """Alerts that it is about and that would have woken all the same."""
    unknown: int
    """Alerts of which it cannot be said any more: their labels are not kept."""
    looked_at: int
    alerts: list[PastAlertOut]
    waking_alerts: list[PastAlertOut]


def preview_out(one: Preview) -> PreviewOut:
    """A preview as JSON."""
    return PreviewOut(
        matched=len(one.silenced),
        count=one.count,
        waking=len(one.waking),
        unknown=one.unknown,
        looked_at=one.looked_at,
        alerts=[_past_out(two) for two in one.silenced[:MOST_SHOWN]],
        waking_alerts=[_past_out(two) for two in one.waking[:MOST_SHOWN]],
    )


def _past_out(one: PastAlert) -> PastAlertOut:
    return PastAlertOut(
        source=one.source,
        title=one.alert.title,
        signal=one.alert.signal,
        count=one.count,
        first_at=one.first_at,
        last_at=one.last_at,
        incident=one.incident,
    )


def _wanted(command: TrialOfSilenceIn, reason: str = "") -> NewSilence:
    match = command.match
    plain = lines_of(
        Matchers(
            tuple(match.sources), tuple(match.systems), tuple(match.entities), tuple(match.signals), tuple(match.rules)
        )
    )
    named: Lines = {f"when.{name}": one for name, one in command.when.items()} if plain else command.when
    window = command.recurrence
    return NewSilence(
        ends_at=command.ends_at,
        reason=reason,
        when={**plain, **named},
        scanners=tuple(command.scanners),
        starts_at=command.starts_at,
        owner=command.owner,
        recurrence=Recurrence(window.weekdays, window.since, window.until, window.zone) if window else None,
    )


Over = Annotated[bool | None, Query(description="true: those that are over; false: the others")]


@router.get("", dependencies=[needs(Act.LOOK_AROUND)])
def list_silences(here: Here, who: Who, over: Over = None, limit: Limit = 200) -> list[SilenceOut]:
    """Silences, newest first; those that are over stay."""
    now = here.now()
    with here.database.reading() as session:
        found = silences.newest(session, limit, visibility_for(who, here))
    return [silence_out(one, now) for one in found if over is None or (one.over_at <= now) is over]


@router.post("", status_code=201, dependencies=[needs(Act.SILENCE)])
def add_silence(command: SilenceIn, here: Here, who: Who) -> SilenceOut:
    """Silence what matches until an end of at most 30 days."""
    now, wanted = here.now(), replace(_wanted(command, command.reason), alert=command.alert)
    made = here.database.write(lambda session: acts.add_silence(session, who.actor, wanted, now))
    return silence_out(made, now)


class EndIn(BaseModel):
    """Why it ends."""

    reason: Words = Field(min_length=1, max_length=2000)


@router.post("/{number}/end", status_code=204, dependencies=[needs(Act.SILENCE)])
def end_silence(number: Id, command: EndIn, here: Here, who: Who) -> None:
    """End a silence before its end."""
    here.database.write(lambda session: acts.end_silence(session, who.actor, number, command.reason, here.now()))


@router.post("/preview", dependencies=[needs(Act.LOOK_AROUND)])
def preview_silence(command: TrialOfSilenceIn, request: Request, here: Here, who: Who) -> PreviewOut:
    """Try a silence on the alerts of the last seven days; nothing is stored."""
    wanted = _wanted(command)
    with here.database.reading() as session:
        found = acts.preview_silence(session, who.actor, wanted, here.knowledge(), here.now())
    note_shown(here, who, request, (one.incident for one in (*found.silenced, *found.waking)))
    return preview_out(found)
