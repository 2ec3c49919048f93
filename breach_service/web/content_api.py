"""The part of the JSON API that is about the content: what is in force, what the files on disk would change."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from breach_service.acts import content as acts
from breach_service.domain.access import Act
from breach_service.domain.differences import comparison_as_json
from breach_service.store import activations
from breach_service.web.api import Words
from breach_service.web.content_pages import activate_as_seen, compared_with
from breach_service.web.context import Here, Who
from breach_service.web.needs import needs

router = APIRouter(prefix="/api/v1/content")


class VersionOut(BaseModel):
    """A content that was put in force. Instants in UTC."""

    digest: str
    activated_at: datetime
    by: str
    looked_at: int | None
    """How many incidents were compared before; null where nothing was, such as at the first start."""
    differing: int | None
    comparison: str
    """Digest of what was shown before; empty where nothing was."""


class ContentOut(BaseModel):
    """What is in force, and what is on disk."""

    versions: list[VersionOut]
    """Newest first; the first one is in force."""
    faults: list[str]
    """What keeps the files on disk from being put in force."""
    comparison: dict[str, Any] | None
    """What the files on disk would change: files, and the incidents of the last 24 months that they would judge
    differently, with the criteria that make it so; null where they have faults."""
    digest: str
    """Of the comparison: say it to put the files in force."""


@router.get("", dependencies=[needs(Act.LOOK_AROUND)])
def show_content(request: Request, here: Here, who: Who) -> ContentOut:
    """The versions that were put in force, and what the files on disk would change."""
    disk = here.on_disk()
    comparison = compared_with(here, who, disk, request)
    with here.database.reading() as session:
        found = activations.versions(session)
    return ContentOut(
        versions=[VersionOut(**vars(one)) for one in found],
        faults=list(disk.faults),
        comparison=comparison_as_json(comparison) if comparison is not None else None,
        digest=acts.digest_of(comparison) if comparison is not None else "",
    )


class ActivationIn(BaseModel):
    """The digest of the comparison that was looked at."""

    digest: Words = Field(min_length=64, max_length=64)


@router.post("/activate", status_code=204, dependencies=[needs(Act.ACTIVATE_CONTENT)])
def activate(command: ActivationIn, request: Request, here: Here, who: Who) -> None:
    """Put the files on disk in force, exactly as they were compared."""
    disk = here.on_disk()
    activate_as_seen(here, who, disk, compared_with(here, who, disk, request), command.digest)
