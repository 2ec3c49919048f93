"""What people do with silences: try one on the last days, make one, end one."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import visibility_of
from breach_service.domain.access import Act, Actor
from breach_service.domain.conditions import Lines
from breach_service.domain.incident import EntryKind
from breach_service.domain.silences import (
    LONGEST_SILENCE,
    Preview,
    Recurrence,
    Silence,
    SilenceState,
    faults_of,
    is_network,
    preview,
    spellings,
)
from breach_service.errors import N_, InvalidCommand, NotFound, Sentence, Sentences
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import alerts, silences, timeline
from breach_service.store.database import Session

LOOKED_BACK = timedelta(days=7)
"""On the alerts of so many days a silence is tried."""
MOST_SCANNERS = 1000
_MOST_NARROW = {4: 8, 6: 16}
"""A network of scanners that is wider than so many bits, by version of IP, is a mistake."""
_IN_DAYS = f"{LONGEST_SILENCE.days} days"


@dataclass(frozen=True)
class NewSilence:
    """A silence as a person wants it. Instants with their offset."""

    ends_at: datetime
    reason: str = ""
    when: Lines = field(default_factory=dict)
    scanners: tuple[str, ...] = ()
    """Of a planned scan: addresses, networks, names and accounts of those who carry it out."""
    starts_at: datetime | None = None
    """None: now."""
    owner: str = ""
    """Who answers for it; empty: who makes it."""
    recurrence: Recurrence | None = None
    alert: int | None = None
    """The alert from which it is made: those who do not see its incident are not shown what is silenced."""


def checked(new: NewSilence, actor: Actor, now: datetime) -> Silence:
    """The silence that is wanted, not stored yet. Raises InvalidCommand with every fault as a sentence."""
    starts_at = new.starts_at or now
    scanners = tuple(dict.fromkeys(word for one in new.scanners if one.strip() for word in spellings(one.strip())))
    faults = [*_faults_of_time(starts_at, new.ends_at, now), *_faults_of_recurrence(new.recurrence)]
    faults += [*faults_of(new.when), *_faults_of_scanners(scanners)]
    if not new.when and not scanners:
        faults.append(
            Sentence(
                N_("a silence must say which alerts: by source, system, entity, signal, rule, or a list of scanners")
            )
        )
    if faults:
        raise InvalidCommand(Sentences(*faults))
    owner = new.owner.strip() or actor.name
    return Silence(
        0, owner, new.reason.strip(), starts_at, new.ends_at, new.when, scanners, new.recurrence,
        created_by=actor.name, created_at=now,
    )  # fmt: skip


def _faults_of_time(starts_at: datetime, ends_at: datetime, now: datetime) -> list[str]:
    if ends_at <= now:
        return [Sentence(N_("the end (%(instant)s) lies in the past: choose a later one"), instant=ends_at.isoformat())]
    if ends_at <= starts_at:
        return [Sentence(N_("the end lies before the beginning: exchange them"))]
    if ends_at - max(starts_at, now) > LONGEST_SILENCE:
        return [
            Sentence(
                N_("a silence lasts %(days)s at most: choose an earlier end, and renew it if it is still needed then"),
                days=_IN_DAYS,
            )
        ]
    return []


def _faults_of_recurrence(one: Recurrence | None) -> list[str]:
    if one is None:
        return []
    faults: list[str] = []
    if not one.weekdays or not one.weekdays <= frozenset(range(7)):
        faults.append(Sentence(N_("a recurring silence needs days of the week, 0 (Monday) to 6 (Sunday)")))
    if one.since == one.until:
        faults.append(Sentence(N_("a recurring silence begins and ends at the same time of day: give it a length")))
    try:
        ZoneInfo(one.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(Sentence(N_("%(zone)r is no time zone: write it as Europe/Paris"), zone=one.zone))
    return faults


def _faults_of_scanners(scanners: tuple[str, ...]) -> list[str]:
    faults: list[str] = []
    if len(scanners) > MOST_SCANNERS:
        faults.append(
            Sentence(
                N_("a list of scanners has at most %(most)s entries: write networks (192.0.2.0/24)"), most=MOST_SCANNERS
            )
        )
    for one in scanners:
        address, slash, length = one.partition("/")
        if not slash or not is_network(one):
            continue
        narrowest = _MOST_NARROW[6 if ":" in address else 4]
        if length.isdecimal() and int(length) < narrowest:
            faults.append(
                Sentence(
                    N_("%(one)s is too wide to be a scanner: write networks of /%(narrowest)s or longer"),
                    one=one,
                    narrowest=narrowest,
                )
            )
    return faults


def add_silence(session: Session, actor: Actor, new: NewSilence, now: datetime) -> Silence:
    """Make a silence; from its beginning to its end nobody is woken by what it matches."""
    authorise(actor, Act.SILENCE)
    silence = checked(new, actor, now)
    if not silence.reason:
        raise InvalidCommand(N_("a silence needs a reason: whoever reads the chronology must understand it"))
    silence = replace(silence, incident=_incident_of(session, actor, new.alert, now))
    silence = replace(silence, id=silences.add(session, silence))
    words = {
        "note": "silence_added", "silence": str(silence.id), "owner": silence.owner, "reason": silence.reason,
        "from": silence.starts_at.isoformat(), "until": silence.ends_at.isoformat(),
    }  # fmt: skip
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)
    return silence


def _incident_of(session: Session, actor: Actor, alert: int | None, now: datetime) -> int | None:
    if alert is None:
        return None
    found = alerts.one(session, alert, visibility_of(actor, now))
    if found is None:
        raise NotFound(N_("there is no alert number %(alert)s"), alert=alert)
    return silences.incident_of_alert(session, alert)


def end_silence(session: Session, actor: Actor, number: int, reason: str, now: datetime) -> None:
    """End a silence before its end; what is received from now on wakes again."""
    authorise(actor, Act.SILENCE)
    found = silences.by_id(session, number)
    if found is None:
        raise NotFound(N_("there is no silence number %(number)s"), number=number)
    if found.state(now) is SilenceState.OVER:
        raise InvalidCommand(N_("silence %(number)s is over already"), number=number)
    if not reason.strip():
        raise InvalidCommand(N_("say why it ends: whoever reads the chronology must understand it"))
    silences.end(session, number, actor.name, now)
    words = {"note": "silence_ended", "silence": str(number), "owner": found.owner, "reason": reason.strip()}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)


def preview_silence(session: Session, actor: Actor, new: NewSilence, knowledge: Knowledge, now: datetime) -> Preview:
    """What a silence would have done to the alerts of the last `LOOKED_BACK`; nothing is stored."""
    authorise(actor, Act.LOOK_AROUND)
    wanted = checked(new, actor, now)
    past = silences.past(session, now - LOOKED_BACK, visibility=visibility_of(actor, now))
    return preview(wanted, past, knowledge.catalogue.signals)
