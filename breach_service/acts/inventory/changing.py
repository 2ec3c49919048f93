"""Changing the inventory: each change is a revision of its own, with who, when and why; none is lost.

Whom a breach affects is computed from the inventory as it stood while it lasted. So what holds no longer is ended on a
day, and nothing is deleted here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from breach_service.acts.authorise import authorise
from breach_service.catalog import strange_words
from breach_service.domain.access import Act, Actor
from breach_service.domain.facts import FactType
from breach_service.domain.incident import EntryKind
from breach_service.domain.inventory import (
    NOT_NAMED_YET,
    PARTS,
    Change,
    Entry,
    Inventory,
    changes_between,
    ended_entry,
    entry_of,
    with_entry,
)
from breach_service.errors import N_, InvalidCommand, NotFound, Sentence, Sentences
from breach_service.inventory_files import unsound_entries
from breach_service.store import incidents, reference, timeline
from breach_service.store.database import Session, lock_placing

LONGEST_REASON = 2_000
"""Characters of a reason."""
CHANGED, IMPORTED = "inventory_changed", "inventory_imported"
"""How a revision came about, as the chronology notes it."""


class ChangedMeanwhile(InvalidCommand):
    """Somebody else changed the inventory since it was shown: look at what they changed, then do it again."""


@dataclass(frozen=True)
class Changed:
    """What an act made of the inventory."""

    revision: int
    """The number of the revision in force afterwards."""
    changes: tuple[Change, ...]
    """What differs from the revision before, field by field; the order of entries is no field."""
    is_new: bool = True
    """False where nothing changed, and so nothing was written."""


def today_of(inventory: Inventory, now: datetime) -> date:
    """The day of an instant in the zone of the first organisation: days of the inventory are counted there."""
    return now.astimezone(ZoneInfo(inventory.organisations[0].zone)).date()


def put_in_force(
    session: Session, actor: Actor, inventory: Inventory, now: datetime, *, reason: str = "",
    expected: int | None = None, note: str = CHANGED, also: Mapping[str, str] | None = None,
    facts: Mapping[str, FactType] | None = None,
) -> Changed:  # fmt: skip
    """Put an inventory in force from now on, as a revision of its own; nothing is written where nothing changed.

    `expected` is the number of the revision that the caller looked at: ChangedMeanwhile where another is in force.
    `also` are further words of the chronology entry. With the facts of the catalogue, the words that the inventory uses
    for facts, data and persons are checked. What was opened before there was any inventory belongs from now on to its
    first organisation. Raises InvalidCommand for broken references, strange words, and where incidents belong to an
    organisation that it leaves out: they, their clocks and the register could not be read.
    """
    authorise(actor, Act.MANAGE_INVENTORY)
    lock_placing(session)
    held = reference.inventory_in_force(session)
    number, present = held or (0, None)
    if expected is not None and expected != number:
        raise ChangedMeanwhile(
            N_("somebody else changed the inventory since you looked at it: look at it again, then repeat your change")
        )
    _refuse_faults(inventory, present, facts)
    _carry_incidents_over(session, inventory)
    if not reference.keep_inventory(session, inventory, actor.name, now):
        return Changed(number, (), is_new=False)
    revision = reference.revision_in_force(session)
    changes = tuple(changes_between(present or _nothing(inventory), inventory))
    words = {"note": note, "revision": str(revision), "changes": str(len(changes)), **(also or {})}
    if reason.strip():
        words["reason"] = reason.strip()
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)
    return Changed(revision, changes)


def keep_entry(
    session: Session, actor: Actor, part: str, entry: Entry, reason: str, now: datetime, *, present: Inventory,
    facts: Mapping[str, FactType], expected: int | None = None, is_new: bool = False,
) -> Changed:  # fmt: skip
    """Add an entry to a part of the inventory, or write it anew; `present` stands in where no inventory was imported.

    Raises InvalidCommand without a reason, for a new entry whose id is taken, and as `put_in_force` does.
    """
    authorise(actor, Act.MANAGE_INVENTORY)
    lock_placing(session)
    said = _reason(reason)
    inventory = _in_force(session, present)
    if is_new and entry_of(inventory, part, entry.id) is not None:
        raise InvalidCommand(N_("the id %(id)s is used already: choose another"), id=entry.id)
    after = with_entry(inventory, part, entry)
    also = {"part": part, "entry": entry.id}
    return put_in_force(session, actor, after, now, reason=said, expected=expected, also=also, facts=facts)


def end_entry(
    session: Session, actor: Actor, part: str, entry_id: str, on: date, reason: str, now: datetime, *,
    expected: int | None = None,
) -> Changed:  # fmt: skip
    """End an entry: it holds until that day, the day included, and stays for what happened before.

    Raises NotFound for an entry that is not there, InvalidCommand without a reason, for a day before its first one,
    and where no organisation would be left.
    """
    authorise(actor, Act.MANAGE_INVENTORY)
    lock_placing(session)
    said = _reason(reason)
    found = reference.inventory_in_force(session)
    entry = entry_of(found[1], part, entry_id) if found and part in PARTS else None
    if found is None or entry is None:
        raise NotFound(N_("there is no %(id)s in this part of the inventory"), id=entry_id)
    if entry.valid_from is not None and on < entry.valid_from:
        raise InvalidCommand(
            N_("it begins on %(begins)s only: the end cannot be before"), begins=entry.valid_from.isoformat()
        )
    after = with_entry(found[1], part, ended_entry(entry, on))
    if part == "organisations":
        after = _led_by_one_that_holds(after)
    also = {"part": part, "entry": entry_id}
    return put_in_force(session, actor, after, now, reason=said, expected=expected, also=also)


def _in_force(session: Session, present: Inventory) -> Inventory:
    found = reference.inventory_in_force(session)
    return found[1] if found else present


def _reason(text: str) -> str:
    said = text.strip()
    if not said:
        raise InvalidCommand(N_("say why the inventory changes: it stands in its history"))
    if len(said) > LONGEST_REASON:
        raise InvalidCommand(N_("the reason is too long: at most %(most)s characters"), most=LONGEST_REASON)
    return said


def _refuse_faults(inventory: Inventory, present: Inventory | None, facts: Mapping[str, FactType] | None) -> None:
    found: Sequence[str] = [sentence for _, sentence in inventory.faults()]
    if not found and facts is not None:
        # What an earlier content knew must not keep people from changing something else.
        former = (*strange_words(present, facts), *unsound_entries(present)) if present is not None else ()
        found = [one for one in (*strange_words(inventory, facts), *unsound_entries(inventory)) if one not in former]
    if found:
        raise InvalidCommand(Sentences(Sentence(N_("the inventory would have faults:")), *found[:20]))


def _carry_incidents_over(session: Session, inventory: Inventory) -> None:
    named = [one.id for one in inventory.organisations]
    for one, count in sorted(incidents.count_by_organisation(session).items()):
        if one == NOT_NAMED_YET != named[0]:
            incidents.move_to_organisation(session, one, named[0])
        elif one not in named:
            raise InvalidCommand(
                N_(
                    "%(count)s incidents belong to the organisation %(one)s, which this inventory leaves "
                    "out: keep it in there"
                ),
                count=count,
                one=one,
            )


def _led_by_one_that_holds(inventory: Inventory) -> Inventory:
    """New incidents belong to the first organisation, so that those that ended stand behind the others."""
    ordered = tuple(sorted(inventory.organisations, key=lambda one: one.valid_to is not None))
    if ordered[0].valid_to is not None:
        raise InvalidCommand(N_("one organisation must remain: it is the one that new incidents belong to"))
    return inventory.model_copy(update={"organisations": ordered})


def _nothing(inventory: Inventory) -> Inventory:
    """What the first inventory is compared with."""
    return inventory.model_copy(update=dict.fromkeys(PARTS, ()))
