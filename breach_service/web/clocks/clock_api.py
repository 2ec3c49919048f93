"""Clocks in the JSON API: their dates side by side, instants with their history, proposals, reasons for delays."""

from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from breach_service.acts.clocks import delays, proposing, recording, settling
from breach_service.acts.clocks.proposing import Wish
from breach_service.acts.clocks.recording import Moving
from breach_service.domain.access import Act
from breach_service.domain.deadlines import state_of
from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import InstantKind
from breach_service.domain.moving import Move, Proposal
from breach_service.web.api import Moment, ReasonIn, Words
from breach_service.web.clocks.clocks_seen import person_of
from breach_service.web.context import Here, Id, Who
from breach_service.web.needs import needs
from breach_service.web.rendered import may_of
from breach_service.web.seeing import seen_dossier
from breach_service.web.views.moved_clocks import ProposalLine, instant_lines, proposal_lines, readings_in

router = APIRouter(prefix="/api/v1")


@router.get("/incidents/{reference}/clocks", dependencies=[needs(Act.LOOK)])
def show_clocks(reference: str, request: Request, here: Here, who: Who) -> dict[str, Any]:
    """Every clock of an incident, every instant that was ever recorded, and every proposal.

    Instants in UTC; beside each date (`…_at`) the same in the organisation's zone with its offset (`…_local`).
    """
    dossier, now = seen_dossier(here, who, request, reference), here.now()
    lines = proposal_lines(dossier, now, may_of(request), person_of(who))
    return clocks_out(dossier, lines, now)


def clocks_out(dossier: Dossier, lines: tuple[ProposalLine, ...], now: datetime) -> dict[str, Any]:
    """The clocks of an incident as JSON."""
    zone = ZoneInfo(dossier.organisation.zone)
    state = dossier.qualification_state(now)
    return {
        "zone": dossier.organisation.zone,
        "calendar": str(dossier.organisation.calendar),
        "qualification": {
            **_both("due", dossier.incident.qualify_by, zone), "state": str(state) if state else "done",
        },
        "clocks": [
            {
                "obligation": one.id, "regime": one.terms.regime, "recipient": one.recipient,
                "perimeter": one.perimeter, "state": str(state_of(one, now)), "is_provisional": one.is_provisional,
                "counted_from": str(one.terms.counted_from), **_both("triggered", one.triggered_at, zone),
                **_both("due", readings.strict_at, zone),
                **_both("due_reg_1182_71", readings.reg_1182_71_at, zone),
                **_both("due_from_first_alert", readings.first_alert_at, zone),
                "delay_reasons": [
                    {"reason": each.reason, "by": each.by, "at": each.at}
                    for each in dossier.delay_reasons if each.obligation == one.id
                ],
            }
            for one in dossier.clocks(now)
            for readings in (readings_in(dossier, one),)
        ],
        "delays_to_explain": [one.id for one in dossier.delays_to_explain(now)],
        "instants": [
            {
                "kind": str(line.kind), "perimeter": line.perimeter, **_both("counting", line.counting_at, zone),
                "records": [
                    {
                        **_both("instant", one.at, zone), "by": one.by, "reason": one.reason,
                        "recorded_at": one.recorded_at, "counts": one.counts, "is_taken_back": one.is_taken_back,
                    }
                    for one in line.records
                ],
            }
            for line in instant_lines(dossier)
        ],
        "proposals": [_proposal_out(one) for one in lines],
    }  # fmt: skip


def _both(name: str, at: datetime | None, zone: ZoneInfo) -> dict[str, Any]:
    return {f"{name}_at": at, f"{name}_local": at.astimezone(zone).isoformat() if at else None}


def _proposal_out(line: ProposalLine) -> dict[str, Any]:
    one: Proposal = line.proposal
    ended = one.outcome
    return {
        "number": one.id, "move": str(one.move), "state": str(line.state), "perimeter": one.perimeter,
        "kind": str(one.kind) if one.kind else None, "at": one.at, "obligation": one.obligation,
        "before_at": one.before_at, "reason": one.reason, "by": one.by, "ground": str(one.ground),
        "proposed_at": one.proposed_at, "may_answer": line.may_answer,
        "outcome": {
            "kind": str(ended.kind), "by": ended.by, "reason": ended.reason, "at": ended.at,
        } if ended else None,
    }  # fmt: skip


class InstantIn(ReasonIn):
    """When something was, and how that is known. `at` with its offset."""

    kind: InstantKind
    at: Moment
    perimeter: Words = Field("", max_length=300)
    """A perimeter key; empty for the whole incident."""


@router.post("/incidents/{reference}/clocks", status_code=204, dependencies=[needs(Act.RECORD_AWARENESS)])
def record_instant(reference: str, command: InstantIn, here: Here, who: Who) -> None:
    """Record an instant that starts a clock or moves it earlier; a later one is proposed."""
    moving = Moving(command.kind, command.at, command.reason, command.perimeter)
    here.database.write(
        lambda session: recording.move(session, who.actor, reference, moving, here.knowledge(), here.now())
    )


class WishIn(ReasonIn):
    """What gives more time: a later instant, one that is taken back, or a clock that is stopped, and why."""

    move: Literal["later", "take_back", "stop"]
    kind: InstantKind | None = None
    """For `later` and `take_back`."""
    at: Moment | None = None
    """For `later`."""
    perimeter: Words = Field("", max_length=300)
    obligation: int = Field(0, ge=0, le=2**63 - 1)
    """For `stop`."""


class Proposed(BaseModel):
    """The number of the proposal."""

    number: int


@router.post("/incidents/{reference}/clocks/proposals", status_code=201, dependencies=[needs(Act.DECIDE_NOT_REQUIRED)])
def propose(reference: str, command: WishIn, here: Here, who: Who) -> Proposed:
    """Propose a change that gives more time; a second person confirms it before it counts."""
    wish = Wish(
        Move(command.move), command.reason, command.kind, command.at, command.perimeter, command.obligation
    )  # fmt: skip
    number = here.database.write(
        lambda session: proposing.propose(session, who.actor, reference, wish, here.knowledge(), here.now())
    )
    return Proposed(number=number)


class AnswerIn(BaseModel):
    """What somebody says with their answer; declining needs a reason."""

    reason: Words = Field("", max_length=2000)


@router.post(
    "/incidents/{reference}/clocks/proposals/{number}/confirm",
    status_code=204,
    dependencies=[needs(Act.RECORD_AWARENESS)],
)
def confirm(reference: str, number: Id, command: AnswerIn, here: Here, who: Who) -> None:
    """Agree to a proposal as the second person."""
    here.database.write(
        lambda session: settling.confirm(
            session, who.actor, reference, number, command.reason, here.knowledge(), here.now()
        )
    )


@router.post(
    "/incidents/{reference}/clocks/proposals/{number}/decline",
    status_code=204,
    dependencies=[needs(Act.RECORD_AWARENESS)],
)
def decline(reference: str, number: Id, command: ReasonIn, here: Here, who: Who) -> None:
    """Refuse a proposal as the second person, with the reason."""
    here.database.write(
        lambda session: settling.decline(session, who.actor, reference, number, command.reason, here.now())
    )


@router.post(
    "/incidents/{reference}/clocks/proposals/{number}/withdraw",
    status_code=204,
    dependencies=[needs(Act.DECIDE_NOT_REQUIRED)],
)
def withdraw(reference: str, number: Id, command: AnswerIn, here: Here, who: Who) -> None:
    """Take one's own proposal back."""
    here.database.write(
        lambda session: settling.withdraw(session, who.actor, reference, number, command.reason, here.now())
    )


@router.post(
    "/incidents/{reference}/obligations/{obligation}/delay", status_code=204, dependencies=[needs(Act.RECORD_FACT)]
)
def explain_delay(reference: str, obligation: Id, command: ReasonIn, here: Here, who: Who) -> None:
    """Say why a notice is late; it goes into its draft."""
    here.database.write(
        lambda session: delays.explain_delay(session, who.actor, reference, obligation, command.reason, here.now())
    )
