"""What people do with silences: try one on the last days, make one, end one."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from breach_service.acts.authorise import authorise
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
from breach_service.errors import InvalidCommand, NotFound
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import silences, timeline
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


def checked(new: NewSilence, actor: Actor, now: datetime) -> Silence:
    """The silence that is wanted, not stored yet. Raises InvalidCommand with every fault as a sentence."""
    starts_at = new.starts_at or now
    scanners = tuple(dict.fromkeys(word for one in new.scanners if one.strip() for word in spellings(one.strip())))
    faults = [*_faults_of_time(starts_at, new.ends_at, now), *_faults_of_recurrence(new.recurrence)]
    faults += [*faults_of(new.when), *_faults_of_scanners(scanners)]
    if not new.when and not scanners:
        faults.append("a silence must say which alerts: by source, system, entity, signal, rule, or a list of scanners")
    if faults:
        raise InvalidCommand("\n".join(faults))
    owner = new.owner.strip() or actor.name
    return Silence(
        0, owner, new.reason.strip(), starts_at, new.ends_at, new.when, scanners, new.recurrence,
        created_by=actor.name, created_at=now,
    )  # fmt: skip


def _faults_of_time(starts_at: datetime, ends_at: datetime, now: datetime) -> list[str]:
    if ends_at <= now:
        return [f"the end ({ends_at.isoformat()}) lies in the past: choose a later one"]
    if ends_at <= starts_at:
        return ["the end lies before the beginning: exchange them"]
    if ends_at - max(starts_at, now) > LONGEST_SILENCE:
        return [f"a silence lasts {_IN_DAYS} at most: choose an earlier end, and renew it if it is still needed then"]
    return []


def _faults_of_recurrence(one: Recurrence | None) -> list[str]:
    if one is None:
        return []
    faults = []
    if not one.weekdays or not one.weekdays <= frozenset(range(7)):
        faults.append("a recurring silence needs days of the week, 0 (Monday) to 6 (Sunday)")
    if one.since == one.until:
        faults.append("a recurring silence begins and ends at the same time of day: give it a length")
    try:
        ZoneInfo(one.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(f"{one.zone!r} is no time zone: write it as Europe/Paris")
    return faults


def _faults_of_scanners(scanners: tuple[str, ...]) -> list[str]:
    faults = []
    if len(scanners) > MOST_SCANNERS:
        faults.append(f"a list of scanners has at most {MOST_SCANNERS} entries: write networks (192.0.2.0/24)")
    for one in scanners:
        address, slash, length = one.partition("/")
        if not slash or not is_network(one):
            continue
        narrowest = _MOST_NARROW[6 if ":" in address else 4]
        if length.isdecimal() and int(length) < narrowest:
            faults.append(f"{one} is too wide to be a scanner: write networks of /{narrowest} or longer")
    return faults


def add_silence(session: Session, actor: Actor, new: NewSilence, now: datetime) -> Silence:
    """Make a silence; from its beginning to its end nobody is woken by what it matches."""
    authorise(actor, Act.SILENCE)
    silence = checked(new, actor, now)
    if not silence.reason:
        raise InvalidCommand("a silence needs a reason: whoever reads the chronology must understand it")
    silence = replace(silence, id=silences.add(session, silence))
    words = {
        "note": "silence_added", "silence": str(silence.id), "owner": silence.owner, "reason": silence.reason,
        "from": silence.starts_at.isoformat(), "until": silence.ends_at.isoformat(),
    }  # fmt: skip
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)
    return silence


def end_silence(session: Session, actor: Actor, number: int, reason: str, now: datetime) -> None:
    """End a silence before its end; what is received from now on wakes again."""
    authorise(actor, Act.SILENCE)
    found = silences.by_id(session, number)
    if found is None:
        raise NotFound(f"there is no silence number {number}")
    if found.state(now) is SilenceState.OVER:
        raise InvalidCommand(f"silence {number} is over already")
    if not reason.strip():
        raise InvalidCommand("say why it ends: whoever reads the chronology must understand it")
    silences.end(session, number, actor.name, now)
    words = {"note": "silence_ended", "silence": str(number), "owner": found.owner, "reason": reason.strip()}
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)


def preview_silence(session: Session, actor: Actor, new: NewSilence, knowledge: Knowledge, now: datetime) -> Preview:
    """What a silence would have done to the alerts of the last `LOOKED_BACK`; nothing is stored."""
    authorise(actor, Act.LOOK)
    wanted = checked(new, actor, now)
    return preview(wanted, silences.past(session, now - LOOKED_BACK), knowledge.catalogue.signals)
