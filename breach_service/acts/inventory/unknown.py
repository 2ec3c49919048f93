"""Saying what a name is that alerts use and no system is found by; its past alerts are placed again at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from breach_service.acts.authorise import authorise
from breach_service.acts.inventory.changing import LONGEST_REASON, put_in_force, today_of
from breach_service.acts.rows import visibility_of
from breach_service.domain.access import Act, Actor
from breach_service.domain.inventory import Inventory, SystemMatch
from breach_service.domain.unknown_names import (
    NameKind,
    UnknownName,
    is_met,
    is_too_wide,
    match_for,
    new_id,
    with_elsewhere,
    with_name_of,
    with_system,
)
from breach_service.errors import N_, InvalidCommand, NotFound
from breach_service.pipeline.knowledge import Knowledge
from breach_service.pipeline.unknown_names import answered_among, place_again
from breach_service.store import reference, unknown_answers, unknown_names
from breach_service.store.database import Session, lock_placing
from breach_service.store.unknown_answers import Given
from breach_service.store.unknown_names import Waiting

LONGEST_NAME = 200


class AnswerKind(StrEnum):
    """What a name can turn out to be."""

    SYSTEM = "system"
    """It belongs to a system of the inventory."""
    NEW_SYSTEM = "new_system"
    NOT_OURS = "not_ours"
    NO_PERSONAL_DATA = "no_personal_data"
    """It is ours, and holds no personal data."""


@dataclass(frozen=True)
class Answer:
    """What a person says of a name."""

    kind: str
    """One of `AnswerKind`."""
    system: str = ""
    """Id of the system that it belongs to."""
    title: str = ""
    """What a new system, or what is not ours, is called; empty: as alerts name it."""
    activities: tuple[str, ...] = ()
    """What a new system processes, by id; none: not known yet."""
    written: str = ""
    """A pattern for machines, a range for addresses; empty: this name alone."""
    reason: str = ""
    is_in_production: bool = True


@dataclass(frozen=True)
class _Changed:
    inventory: Inventory
    system: str
    part: str
    entry: str


def answer_unknown(
    session: Session, actor: Actor, number: int, answer: Answer, knowledge: Knowledge, now: datetime
) -> int:
    """Say what a name is; the number of the answer (`store.unknown_answers.one`).

    The inventory gets a revision, every name that waits and is known by it is answered too, their alerts stand on the
    system and the open incidents that they are in are judged again. Incidents that are over are noted with the answer
    and not changed. Raises NotFound for a name that waits no more, InvalidCommand with what is missing.
    """
    authorise(actor, Act.MANAGE_INVENTORY)
    lock_placing(session)
    asked = unknown_names.one(session, number, visibility_of(actor, now))
    if asked is None:
        raise NotFound(N_("this name waits for no answer any more: somebody may have answered it meanwhile"))
    kind, reason = _kind_of(answer), _reason_of(answer)
    match = _match_of(asked.name, answer.written)
    held = reference.inventory_in_force(session)
    inventory = held[1] if held else knowledge.inventory
    changed = _CHANGES[kind](inventory, asked.name, match, replace(answer, reason=reason), actor, now)
    also = {"part": changed.part, "entry": changed.entry, "kind": str(asked.name.kind), "name": asked.name.value,
            "answer": str(kind)}  # fmt: skip
    made = put_in_force(session, actor, changed.inventory, now, reason=reason, also=also)
    after = replace(knowledge, inventory=changed.inventory, inventory_revision=made.revision)
    names = _answered(session, asked, match, after)
    placed = place_again(session, names, after, actor.name, reason, now)
    given = Given(now, actor.name, asked.name, str(kind), changed.system, reason, made.revision, len(names))
    return unknown_answers.keep_answer(session, given, placed.gained, placed.ended)


def _answered(session: Session, asked: Waiting, match: SystemMatch, after: Knowledge) -> list[Waiting]:
    """The name that was asked about, and those beside it that the same answer knows."""
    alike = [one for one in unknown_names.waiting(session) if one.id == asked.id or is_met(one.name, match)]
    return answered_among(alike, after)


def _kind_of(answer: Answer) -> AnswerKind:
    if answer.kind not in tuple(AnswerKind):
        raise InvalidCommand(
            N_("say what it is: a system of the inventory, a new one, not ours, or without personal data")
        )
    return AnswerKind(answer.kind)


def _reason_of(answer: Answer) -> str:
    reason = answer.reason.strip()
    if len(reason) > LONGEST_REASON:
        raise InvalidCommand(N_("the reason is too long: at most %(most)s characters"), most=LONGEST_REASON)
    if not reason and answer.kind in (AnswerKind.NOT_OURS, AnswerKind.NO_PERSONAL_DATA):
        raise InvalidCommand(N_("give the reason: nobody will be asked about it any more"))
    return reason


def _match_of(name: UnknownName, written: str) -> SystemMatch:
    """By what it is found from now on. Raises InvalidCommand where that is not the name that was asked about."""
    said = written.strip()
    try:
        match = match_for(name, said)
    except ValueError as error:
        raise InvalidCommand(N_("%(written)s is no range of addresses, such as 10.0.0.0/24"), written=said) from error
    if said and name.kind not in (NameKind.HOST, NameKind.ADDRESS) and said != name.value:
        raise InvalidCommand(N_("a pattern goes with machines and addresses only: leave it empty"))
    if not is_met(name, match):
        raise InvalidCommand(
            N_("%(written)s does not find %(name)s: correct the pattern, or leave it empty"),
            written=said,
            name=name.value,
        )
    if said not in ("", name.value) and is_too_wide(match):
        raise InvalidCommand(
            N_("%(written)s is too wide: it would take in machines that nobody thought of"), written=said
        )
    return match


def _title_of(answer: Answer, name: UnknownName) -> str:
    title = answer.title.strip() or name.value
    return title.splitlines()[0][:LONGEST_NAME]


def _of_system(
    inventory: Inventory, _name: UnknownName, match: SystemMatch, answer: Answer, _actor: Actor, _now: datetime
) -> _Changed:
    system = inventory.system(answer.system)
    if system is None or system.valid_to is not None:
        raise InvalidCommand(N_("choose a system of the inventory"))
    try:
        changed = with_name_of(inventory, system.id, match)
    except ValueError as error:
        raise InvalidCommand(
            N_("this system is found by other labels already, and all of them must be there: describe a new system")
        ) from error
    return _Changed(changed, system.id, "systems", system.id)


def _of_new_system(
    inventory: Inventory, name: UnknownName, match: SystemMatch, answer: Answer, _actor: Actor, _now: datetime
) -> _Changed:
    activities = tuple(one for one in answer.activities if one)
    if any(inventory.activity(one) is None for one in activities):
        raise InvalidCommand(N_("choose processing activities of the inventory"))
    changed, system = with_system(
        inventory, _title_of(answer, name), match, activities, is_in_production=answer.is_in_production
    )
    return _Changed(changed, system, "systems", system)


def _of_no_personal_data(
    inventory: Inventory, name: UnknownName, match: SystemMatch, answer: Answer, _actor: Actor, _now: datetime
) -> _Changed:
    changed, system = with_system(
        inventory, _title_of(answer, name), match, without_personal_data=answer.reason,
        is_in_production=answer.is_in_production,
    )  # fmt: skip
    return _Changed(changed, system, "systems", system)


def _not_ours(
    inventory: Inventory, name: UnknownName, match: SystemMatch, answer: Answer, actor: Actor, now: datetime
) -> _Changed:
    title = _title_of(answer, name)
    entry = new_id(title, (one.id for one in inventory.elsewhere))
    changed = with_elsewhere(inventory, title, match, answer.reason, actor.name, today_of(inventory, now))
    return _Changed(changed, "", "elsewhere", entry)


_CHANGES: dict[AnswerKind, Callable[[Inventory, UnknownName, SystemMatch, Answer, Actor, datetime], _Changed]] = {
    AnswerKind.SYSTEM: _of_system,
    AnswerKind.NEW_SYSTEM: _of_new_system,
    AnswerKind.NOT_OURS: _not_ours,
    AnswerKind.NO_PERSONAL_DATA: _of_no_personal_data,
}
