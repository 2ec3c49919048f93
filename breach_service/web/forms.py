"""What people post from the pages: declaring, and the acts on an incident."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from breach_service.acts import incidents as acts
from breach_service.acts import senders
from breach_service.acts.incidents import Awareness, FactCommand, FilingCommand
from breach_service.domain.access import Act, Actor
from breach_service.domain.assessment import NONE_OF_THEM
from breach_service.domain.closing import DISMISSALS, ClosingReason
from breach_service.domain.conditions import Truth
from breach_service.domain.deadlines import FilingPhase
from breach_service.domain.facts import Scope, ScopeKind
from breach_service.errors import N_, Code, InvalidCommand
from breach_service.pipeline.drafting import text_as_filed
from breach_service.store.database import Session
from breach_service.web.context import Context, Here, Id, Who
from breach_service.web.needs import needs
from breach_service.web.rendered import zone_of
from breach_service.web.seeing import after
from breach_service.web.views.awareness import OWN

EARLIEST_YEAR = 1970
"""An earlier one is mistyped."""
MOST_DIGITS = 18
"""Of a number that fits a database."""

router = APIRouter(include_in_schema=False)


async def posted(request: Request) -> FormData:
    """The fields of a form; InvalidCommand where one holds NUL, which PostgreSQL keeps in no text."""
    form = await request.form()
    if any("\0" in one for one in form.values() if isinstance(one, str)):
        raise InvalidCommand(N_("a character in a field (NUL) belongs to no text: remove it"))
    return form


Posted = Annotated[FormData, Depends(posted)]


def text_in(form: Mapping[str, object], name: str) -> str:
    """A field as text, empty where it is missing."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def instant_in(form: Mapping[str, object], name: str, zone: str) -> datetime | None:
    """A local instant `2026-11-22T14:05` of a form in the organisation's zone; None where it is empty."""
    text = text_in(form, name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidCommand(N_("%(text)r is not a date with an hour, such as 2026-11-22T14:05"), text=text) from error
    if found.year < EARLIEST_YEAR:
        raise InvalidCommand(N_("%(text)s lies too far back: check the year"), text=text)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def needed_instant(form: Mapping[str, object], name: str, zone: str) -> datetime:
    """An instant that must be given."""
    found = instant_in(form, name, zone)
    if found is None:
        raise InvalidCommand(N_("the date and the hour are missing (%(name)s)"), name=Code(name))
    return found


Posting = Callable[[Session, Actor, str, FormData, Context], None]


def fact_command(form: FormData, here: Context, *, is_despite: bool = False) -> FactCommand:
    """The fact of a form: `fact`, `value` (several for a set) or `at_least` and `at_most`, `scope`, `note`."""
    kind, _, key = (text_in(form, "scope") or "incident").partition(":")
    values = [one for one in form.getlist("value") if isinstance(one, str) and one]
    least, most = text_in(form, "at_least"), text_in(form, "at_most")
    name = text_in(form, "fact")
    known = here.knowledge().catalogue.facts.get(name)
    raw: object = next(iter(values), None)
    if known is not None and known.type == "set":  # what is ticked beside “not known yet” is known
        raw = [one for one in values if one not in (Truth.UNKNOWN, NONE_OF_THEM)] or (
            [] if NONE_OF_THEM in values else None
        )
    if least or most:
        raw = {"at_least": least, "at_most": most}
    if kind not in tuple(ScopeKind):
        raise InvalidCommand(N_("%(kind)s is not a part of an incident"), kind=kind)
    return FactCommand(name, raw, Scope(ScopeKind(kind), key), text_in(form, "note"), is_despite)


def _add_systems(session: Session, actor: Actor, reference: str, form: FormData, here: Context) -> None:
    chosen = tuple(one for one in form.getlist("systems") if isinstance(one, str) and one)
    acts.add_systems(session, actor, reference, chosen, text_in(form, "reason"), here.knowledge(), here.now())


def _record_awareness(session: Session, actor: Actor, reference: str, form: FormData, here: Context) -> None:
    zone = zone_of(here)
    command = Awareness(
        aware_at=_chosen_instant(form, zone),
        reason=text_in(form, "reason"),
        flaw_discovered_at=instant_in(form, "flaw_discovered_at", zone),
        perimeter=text_in(form, "perimeter"),
    )
    acts.record_awareness(session, actor, reference, command, here.knowledge(), here.now())


def _chosen_instant(form: FormData, zone: str) -> datetime:
    """One of the recorded moments that the form offers, or another one that is written out; never the present one."""
    chosen = text_in(form, "candidate")
    if chosen in ("", OWN):
        return needed_instant(form, "aware_at", zone)
    if text_in(form, "aware_at"):
        raise InvalidCommand(N_("you chose a recorded moment and wrote another one: keep one of the two"))
    return needed_instant(form, "candidate", zone)


def _qualify(session: Session, actor: Actor, reference: str, form: FormData, here: Context) -> None:
    common = session, actor, reference, text_in(form, "reason"), here.knowledge(), here.now()
    kind, other = text_in(form, "reason_kind"), text_in(form, "duplicate_of")
    match text_in(form, "outcome"):
        case "confirm":
            acts.confirm(*common)
        case "dismiss" if kind in DISMISSALS:
            acts.dismiss(*common, ClosingReason(kind), other)
        case "dismiss":
            raise InvalidCommand(N_("say as what it is dismissed: choose one of the reasons"))
        case _:
            raise InvalidCommand(N_("choose: confirm or dismiss"))


def _close(session: Session, actor: Actor, reference: str, form: FormData, here: Context) -> None:
    acts.close(session, actor, reference, text_in(form, "reason"), here.knowledge(), here.now())


def _record_filing(session: Session, actor: Actor, reference: str, form: FormData, here: Context) -> None:
    command = FilingCommand(
        obligation=_obligation(form),
        sent_at=needed_instant(form, "sent_at", zone_of(here)),
        means=text_in(form, "means"),
        receipt=text_in(form, "receipt"),
        phase=phase_in(form),
        delay_reason=text_in(form, "delay_reason"),
    )
    now = here.now()
    text_of = partial(text_as_filed, here.knowledge(), here.renderer, now)
    acts.record_filing(session, actor, reference, command, here.knowledge(), here.cipher, text_of, now)


def phase_in(form: Mapping[str, object]) -> FilingPhase | None:
    """How far a notice goes (`phase`); None where the form does not say."""
    text = text_in(form, "phase")
    if text and text not in tuple(FilingPhase):
        raise InvalidCommand(N_("a notice is initial, a complement or complete: choose one"))
    return FilingPhase(text) if text else None


def _decide_not_required(session: Session, actor: Actor, reference: str, form: FormData, here: Context) -> None:
    reason = text_in(form, "reason")
    acts.decide_not_required(session, actor, reference, _obligation(form), reason, here.knowledge(), here.now())


def _obligation(form: FormData) -> int:
    text = text_in(form, "obligation")
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise InvalidCommand(N_("choose the notice that this is about"))
    return int(text)


ACTS: dict[str, tuple[Act, Posting]] = {
    "add_systems": (Act.ADD_SYSTEMS, _add_systems),
    "record_awareness": (Act.RECORD_AWARENESS, _record_awareness),
    "qualify": (Act.QUALIFY, _qualify),
    "close": (Act.CLOSE, _close),
    "record_filing": (Act.RECORD_FILING, _record_filing),
    "decide_not_required": (Act.DECIDE_NOT_REQUIRED, _decide_not_required),
}


def _routed(name: str, act: Act, posting: Posting) -> None:
    """One route for each act: what a form does is known from its address."""

    @router.post(f"/incidents/{{reference}}/acts/{name}", name=name, dependencies=[needs(act)])
    def act_on(reference: str, here: Here, who: Who, form: Posted) -> Response:
        """Do the act and show the incident again."""
        here.database.write(lambda session: posting(session, who.actor, reference, form, here))
        return RedirectResponse(after(here, who, reference), 303)


for _name, (_act, _posting) in ACTS.items():
    _routed(_name, _act, _posting)


@router.post("/quarantine/{item}/replay", dependencies=[needs(Act.REPLAY)])
def replay(item: Id, here: Here, who: Who) -> Response:
    """Play a quarantined request again."""
    here.database.write(lambda session: senders.replay_quarantined(session, who.actor, item, here.cipher, here.now()))
    return RedirectResponse("/quarantine?done=recorded", 303)
