"""What people do with the review of an incident: write it, close it, open it again."""

from dataclasses import replace
from datetime import datetime

from breach_service.acts.authorise import authorise
from breach_service.acts.rows import id_of, need_reason
from breach_service.acts.work.taking_up import row_for_work
from breach_service.domain.access import Act, Actor
from breach_service.domain.deadlines import DutyKind
from breach_service.domain.incident import EntryKind, IncidentStatus
from breach_service.domain.review import Missing, Review, ReviewText, missing_in
from breach_service.errors import N_, InvalidCommand, Sentence, Sentences
from breach_service.store import obligations, reviews, timeline
from breach_service.store.database import Session, lock_placing
from breach_service.store.tables import IncidentRow

ENDED_AS_NONE = frozenset({IncidentStatus.DISMISSED, IncidentStatus.MERGED})
_LACKING = {
    Missing.WHAT_HAPPENED: N_("say what happened, in a few sentences"),
    Missing.WENT_WELL_OR_BADLY: N_("say what went well, or what went badly"),
    Missing.CAUSES: N_("say what the causes were"),
    Missing.TO_CHANGE: N_("say what is to change in rules and playbooks; “nothing” is an answer"),
    Missing.PARTICIPANTS: N_("name who took part"),
}


def is_handled(session: Session, row: IncidentRow) -> bool:
    """True where an incident is closed, or confirmed with no notice owed any more."""
    if row.status != IncidentStatus.CONFIRMED:
        return row.status == IncidentStatus.CLOSED
    return not any(
        one.duty is not DutyKind.REGISTER and not (one.fulfilled_at or one.withdrawn_at or one.not_required_reason)
        for one in obligations.of_incident(session, id_of(row))
    )


def save_review(
    session: Session, actor: Actor, reference: str, text: ReviewText, seen: int, now: datetime, *,
    is_closed: bool = False,
) -> Review:  # fmt: skip
    """Write the review of an incident as it is by now, and close it where asked; the new revision.

    `seen` is the revision that was looked at, 0 where there was none: what somebody else has saved since is not lost.
    """
    authorise(actor, Act.REVIEW_INCIDENT)
    lock_placing(session)
    row = row_for_work(session, reference, actor, now)
    latest = reviews.latest_of(session, id_of(row))
    _need_latest(latest, seen)
    whole = _tidied(text)
    if is_closed:
        _need_whole(session, row, whole)
    elif latest is not None and latest.text == whole:
        raise InvalidCommand(N_("nothing was changed"))
    elif whole == ReviewText():
        raise InvalidCommand(N_("nothing is written yet: begin with what happened"))
    review = Review((latest.revision if latest else 0) + 1, whole, is_closed, now, actor.name)
    reviews.add(session, id_of(row), review)
    what = "closed" if is_closed else "begun" if latest is None else "saved"
    _write(session, row, actor, now, what, review)
    return review


def reopen_review(session: Session, actor: Actor, reference: str, reason: str, now: datetime) -> Review:
    """Open a closed review again, with the reason; the new revision."""
    authorise(actor, Act.REVIEW_INCIDENT)
    need_reason(reason)
    lock_placing(session)
    row = row_for_work(session, reference, actor, now)
    latest = reviews.latest_of(session, id_of(row))
    if latest is None or not latest.is_closed:
        raise InvalidCommand(N_("the review is not closed: there is nothing to open again"))
    review = replace(
        latest, revision=latest.revision + 1, is_closed=False, at=now, by=actor.name, reason=reason.strip()
    )
    reviews.add(session, id_of(row), review)
    _write(session, row, actor, now, "opened_again", review)
    return review


def _need_latest(latest: Review | None, seen: int) -> None:
    if latest is not None and latest.is_closed:
        raise InvalidCommand(N_("the review is closed: open it again first, with the reason"))
    if latest is not None and latest.revision != seen:
        raise InvalidCommand(
            N_("%(name)s has saved the review since you looked at it: look again, then write yours in"), name=latest.by
        )


def _need_whole(session: Session, row: IncidentRow, text: ReviewText) -> None:
    if not is_handled(session, row) and row.status != IncidentStatus.DISMISSED:
        raise InvalidCommand(N_("the incident is not handled yet: its review stays open until every notice is decided"))
    lacking = missing_in(text)
    if lacking:
        raise InvalidCommand(Sentences(*(Sentence(_LACKING[one]) for one in lacking)))


def _tidied(text: ReviewText) -> ReviewText:
    names = (" ".join(one.split()) for one in text.participants)
    return ReviewText(
        text.what_happened.strip(), text.went_well.strip(), text.went_badly.strip(), text.causes.strip(),
        text.to_change.strip(), tuple(dict.fromkeys(one for one in names if one)),
    )  # fmt: skip


def _write(session: Session, row: IncidentRow, actor: Actor, now: datetime, what: str, review: Review) -> None:
    words = {"what": what, "revision": str(review.revision), "reason": review.reason if what == "opened_again" else ""}
    if what == "closed":
        words["participants"] = ", ".join(review.text.participants)
    timeline.write_entry(session, id_of(row), now, EntryKind.REVIEWED, actor.name, words)
