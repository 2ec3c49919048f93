"""What stands around every page: who is signed in, where one is, what is wrong, in which language."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import quote

Place = Literal[
    "",
    "incidents",
    "declare",
    "reports",
    "register",
    "inventory",
    "sources",
    "silences",
    "grouping",
    "rota",
    "mandates",
    "glass",
    "people",
    "measures",
    "playbooks",
    "providers",
    "drills",
    "calls",
]


_OF_A_DRILL = re.compile(r"/(?:incidents|drills)/EX-", re.IGNORECASE)


@dataclass(frozen=True)
class Banner:
    """A message above the page. `detail` is shown as it is; the words of `code` stand in the layout.

    Codes: `recorded`, `declared`, `invited`, `password_set`, `changed` (done) · `second_factor`, `refused`,
    `content_kept`, `worker_silent`, `problem` (wrong).
    """

    code: str
    detail: str = ""

    @property
    def is_good_news(self) -> bool:
        """True where something was done as asked."""
        return self.code in ("restricted", "recorded", "declared", "invited", "password_set", "changed")


@dataclass(frozen=True)
class Frame:
    """The context variable `frame` of every page. `now` is the instant that the page is true for, in UTC."""

    place: Place
    now: datetime
    organisation: str
    user: str
    """Name of the person, empty before sign-in."""
    role: str
    may_declare: bool
    may_look_around: bool
    """True where they see more than incidents."""
    may_manage_people: bool
    language_href: str
    form_token: str
    """Against forged forms: sent back as the hidden field `form_token`."""
    banners: tuple[Banner, ...]
    may_look_at_audit: bool = False
    may_name_substitutes: bool = False
    may_look_at_reports: bool = False
    is_drill: bool = False
    """An exercise: every page of it says so."""
    reports_waiting: int = 0
    """How many reports nobody has sorted yet, of those that the reader sees."""


def frame_for(
    place: Place,
    path: str,
    language: str,
    now: datetime,
    *,
    organisation: str = "",
    user: str = "",
    role: str = "",
    may: frozenset[str] = frozenset(),
    form_token: str = "",
    banners: Iterable[Banner] = (),
    reports_waiting: int = 0,
) -> Frame:
    """The frame of a page at `path` (with its query); the language switch leads back to it."""
    other = "en" if language == "fr" else "fr"
    return Frame(
        place=place,
        now=now,
        organisation=organisation,
        user=user,
        role=role,
        may_declare="declare" in may,
        may_look_around="look_around" in may,
        may_look_at_audit="look_at_audit" in may,
        may_name_substitutes="name_substitute" in may,
        may_look_at_reports="look_at_reports" in may,
        is_drill=_OF_A_DRILL.match(path) is not None,
        reports_waiting=reports_waiting,
        may_manage_people="manage_people" in may,
        language_href=f"/language/{other}?next={quote(path, safe='/')}",
        form_token=form_token,
        banners=tuple(banners),
    )
