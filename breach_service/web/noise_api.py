"""The part of the JSON API that is about noise: how often senders cry wolf, and what is proposed to be kept quiet."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from breach_service.acts import noise
from breach_service.domain.access import Act
from breach_service.domain.alert import Signal
from breach_service.domain.closing import Share, SourceShare, shares_of
from breach_service.domain.noise import NoiseProposal, rule_as_yaml
from breach_service.pipeline.quietening import DryRun, Standing, dry_run, noise_of
from breach_service.store import closing as stored
from breach_service.store import silences
from breach_service.web.closing_api import Reason
from breach_service.web.context import Here, Who
from breach_service.web.needs import needs
from breach_service.web.seeing import note_shown, visibility_for
from breach_service.web.silences_api import PreviewOut, SilenceOut, preview_out, silence_out

router = APIRouter(prefix="/api/v1")
Named = Annotated[
    list[Signal], Query(alias="signal", description="signals that ignore silences, named so that they are proposed")
]


class ShareOut(BaseModel):
    """Of the incidents that were opened within 30 days: how many turned out to be nothing."""

    opened: int
    undecided: int
    false_alarms: int
    share: float | None
    """From 0 to 1; null where nothing was opened."""


class OpenerShareOut(ShareOut):
    """The same for one rule of grouping, pattern or signal."""

    kind: str
    id: str


class SourceShareOut(ShareOut):
    """The same for one sender."""

    source: str
    by: list[OpenerShareOut]


def _share(one: Share) -> dict[str, Any]:
    return {
        "opened": one.opened, "undecided": one.undecided, "false_alarms": one.false_alarms, "share": one.of_opened,
    }  # fmt: skip


def source_share_out(one: SourceShare) -> SourceShareOut:
    """The shares of one sender as JSON."""
    by = [OpenerShareOut(kind=kind, id=name, **_share(share)) for (kind, name), share in one.by]
    return SourceShareOut(source=one.source, by=by, **_share(one.share))


@router.get("/false-alarms", dependencies=[needs(Act.LOOK_AROUND)])
def list_shares(here: Here) -> list[SourceShareOut]:
    """How many of the incidents that each sender opened within 30 days were false alarms, and by what they opened."""
    with here.database.reading() as session:
        return [source_share_out(one) for one in shares_of(stored.ended(session, here.now())).values()]


class NoiseOut(BaseModel):
    """What was dismissed alike at least three times within 30 days."""

    key: str
    source: str
    signal: str
    title: str
    reason_kind: str
    incidents: list[str]
    """Newest first."""
    when: dict[str, Any]
    """The conditions of the rule and of the silence."""
    rule: str
    """The rule as text, to paste before the others of grouping.yaml."""


def noise_out(one: NoiseProposal) -> NoiseOut:
    """A proposal as JSON."""
    return NoiseOut(
        key=one.key,
        source=one.last.alert.source,
        signal=one.last.alert.signal,
        title=one.last.alert.title,
        reason_kind=one.last.reason,
        incidents=[each.incident for each in one.dismissals],
        when=silences.lines_as_json(one.lines),
        rule=rule_as_yaml(one.rule),
    )


@router.get("/noise", dependencies=[needs(Act.LOOK_AROUND)])
def list_noise(request: Request, here: Here, who: Who, named: Named = []) -> list[NoiseOut]:  # noqa: B006  # FastAPI copies it
    """What is proposed to be kept quiet; what ignores silences only where its signal is named."""
    with here.database.reading() as session:
        seen = visibility_for(who, here)
        found = noise_of(session, here.knowledge(), here.now(), named=named, visibility=seen)
    note_shown(here, who, request, (each.incident for one in found for each in one.dismissals))
    return [noise_out(one) for one in found]


class StandingOut(BaseModel):
    """What a grouping makes of the alerts of the last seven days."""

    model_config = ConfigDict(from_attributes=True)
    incidents: int
    alerts: int


class TriedNoiseOut(NoiseOut):
    """A proposal with what it would have done in the last seven days."""

    silence: PreviewOut
    before: StandingOut
    after: StandingOut
    spared: int
    """How many incidents would not have been opened with the rule."""


def tried_noise_out(one: NoiseProposal, run: DryRun) -> TriedNoiseOut:
    """A proposal and its dry run as JSON."""

    def standing(each: Standing) -> StandingOut:
        return StandingOut.model_validate(each)

    return TriedNoiseOut(
        **noise_out(one).model_dump(),
        silence=preview_out(run.silence),
        before=standing(run.before),
        after=standing(run.after),
        spared=run.spared,
    )


@router.get("/noise/{key}", dependencies=[needs(Act.LOOK_AROUND)])
def show_noise(
    key: str, request: Request, here: Here, who: Who, named: Named = []  # noqa: B006  # FastAPI copies it
) -> TriedNoiseOut:  # fmt: skip
    """One proposal, tried on the alerts of the last seven days; nothing is stored."""
    knowledge, now, seen = here.knowledge(), here.now(), visibility_for(who, here)
    with here.database.reading() as session:
        found = noise.proposal_by(session, key, knowledge, now, named, seen)
        run = dry_run(session, found, knowledge, now, seen)
    note_shown(here, who, request, (one.incident for one in found.dismissals))
    return tried_noise_out(found, run)


class QuietIn(BaseModel):
    """Why; empty: the dismissals themselves."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason = ""


@router.post("/noise/{key}/silence", status_code=201, dependencies=[needs(Act.SILENCE)])
def silence_noise(
    key: str, command: QuietIn, here: Here, who: Who, named: Named = []  # noqa: B006  # FastAPI copies it
) -> SilenceOut:  # fmt: skip
    """Make the silence that a proposal proposes, for seven days."""
    now = here.now()
    made = here.database.write(
        lambda session: noise.silence_noise(session, who.actor, key, command.reason, here.knowledge(), now, named)
    )
    return silence_out(made, now)
