"""The page of a person's own ways to be reached: in their order, proven or not, with quiet hours."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from breach_service.domain.contact_ways import PROVABLE, Way, WayKind

CHANNEL_FIELDS = ("kind", "address", "quiet_since", "quiet_until", "wakeable")
"""The fields of a new way."""


@dataclass(frozen=True)
class WayRow:
    """One way. `quiet_since` and `quiet_until` are `22:00` or empty."""

    id: int
    kind: WayKind
    shown: str
    """The address without what is secret in it."""
    is_proven: bool
    proven_at: datetime | None
    is_awaiting_code: bool
    is_for_people: bool
    """True where colleagues use it and the service does not."""
    can_be_sent: bool
    """False where the operator has not set up what it needs."""
    quiet_since: str
    quiet_until: str
    is_wakeable: bool
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class ChannelsPage:
    """The context variable `page` of `channels.html`."""

    rows: tuple[WayRow, ...]
    proven: int
    kinds: tuple[WayKind, ...]
    typed: Mapping[str, str]
    error: str
    about: int
    """The way that the error is about; 0 for the form of a new one."""
    hosts: tuple[str, ...]
    """Own hosts that may be reached."""


def channels_page(
    ways: Iterable[Way], shown: Mapping[int, str], can: Callable[[WayKind], bool], hosts: Iterable[str],
    typed: Mapping[str, str] | None = None, error: str = "", about: int = 0,
) -> ChannelsPage:  # fmt: skip
    """The page; a kind that the operator has not set up is not offered."""
    some = list(ways)
    rows = tuple(
        WayRow(
            id=one.id,
            kind=one.kind,
            shown=shown[one.id],
            is_proven=one.is_usable,
            proven_at=one.proven_at,
            is_awaiting_code=one.code_sent_at is not None,
            is_for_people=one.kind not in PROVABLE,
            can_be_sent=can(one.kind),
            quiet_since=one.quiet.since.strftime("%H:%M") if one.quiet else "",
            quiet_until=one.quiet.until.strftime("%H:%M") if one.quiet else "",
            is_wakeable=one.is_wakeable,
            is_first=place == 0,
            is_last=place == len(some) - 1,
        )
        for place, one in enumerate(some)
    )
    return ChannelsPage(
        rows=rows,
        proven=sum(one.is_proven for one in rows),
        kinds=tuple(one for one in WayKind if can(one) or one not in PROVABLE),
        typed={name: (typed or {}).get(name, "") for name in CHANNEL_FIELDS},
        error=error,
        about=about,
        hosts=tuple(sorted(hosts)),
    )
