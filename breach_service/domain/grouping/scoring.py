"""How good a grouping of a labelled recording is: what of the attack is on one page, and what noise cost."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

NOISE = "-"
"""The label of what belongs to no attack."""
STEPS = (
    "service_scan", "wpscan", "dirb", "webshell_cmd", "online_cracking", "crack_passwords", "attacker_change_user",
    "escalated_sudo_command", "dnsteal",
)  # fmt: skip
"""The labels of the AIT Alert Data Set (Landauer, Skopik, Wurzenberger 2024), in the order of the attack."""
APART = frozenset({"dnsteal"})
"""Steps that may have an incident of their own: what leaves over DNS goes on for days, from another machine."""
SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Labelled:
    """One alert of a recording, and the incident in which it ended up."""

    seconds: float
    """Since 1970."""
    detector: str
    """Who raised it and by which rule; the same for every repeat."""
    host: str
    label: str
    """The step of the attack that caused it, or NOISE."""
    incident: Hashable | None
    """None where it was only observed."""


@dataclass(frozen=True)
class Score:
    """What a grouping made of a recording. The main incident is the one in which most steps are best seen."""

    alerts: int
    incidents: int
    steps: tuple[str, ...]
    """Those that the recording has."""
    seen: tuple[str, ...]
    """Those of which at least one alert is in an incident."""
    in_main: tuple[str, ...]
    """Those of which the main incident has more alerts than any other."""
    unseen_alerts: Mapping[str, int]
    """By step: its alerts that are in no incident."""
    incidents_of_step: Mapping[str, int]
    noise_in_main: float | None
    """Share, from 0 to 1, after repeats are collapsed: one for each detector, host, and attack or noise."""
    noise_incidents: int
    """Incidents of nothing but noise."""
    days: float
    """At least one."""

    @property
    def reduction(self) -> float:
        """Share of the alerts, from 0 to 1, that nobody has to look at one by one."""
        return 1 - self.incidents / self.alerts if self.alerts else 0.0

    @property
    def noise_incidents_a_day(self) -> float:
        """Incidents of nothing but noise, by day of the recording."""
        return self.noise_incidents / self.days


def score_of(
    rows: Sequence[Labelled], steps: Sequence[str] = STEPS, apart: Collection[str] = APART
) -> Score:  # fmt: skip
    """Score a grouping. Of labels that are no step nothing is asked, but they are not noise either."""
    placed, unseen = _by_step(rows, steps)
    present = tuple(one for one in steps if one in placed or one in unseen)
    best = {one: placed[one].most_common(1)[0][0] for one in present if placed.get(one) and one not in apart}
    main = Counter(best.values()).most_common(1)[0][0] if best else None
    members: dict[Hashable, list[Labelled]] = {}
    for row in rows:
        if row.incident is not None:
            members.setdefault(row.incident, []).append(row)
    return Score(
        alerts=len(rows),
        incidents=len(members),
        steps=present,
        seen=tuple(one for one in present if placed.get(one)),
        in_main=tuple(one for one in present if one in best and best[one] == main),
        unseen_alerts=dict(unseen),
        incidents_of_step={one: len(placed.get(one, ())) for one in present},
        noise_in_main=_share_of_noise(members.get(main, ())),
        noise_incidents=sum(all(row.label == NOISE for row in rows) for rows in members.values()),
        days=_days(rows),
    )


def _by_step(
    rows: Iterable[Labelled], steps: Collection[str]
) -> tuple[dict[str, Counter[Hashable]], Counter[str]]:  # fmt: skip
    placed: dict[str, Counter[Hashable]] = {}
    unseen: Counter[str] = Counter()
    for row in rows:
        if row.label in steps and row.incident is None:
            unseen[row.label] += 1
        elif row.label in steps:
            placed.setdefault(row.label, Counter())[row.incident] += 1
    return placed, unseen


def _share_of_noise(rows: Iterable[Labelled]) -> float | None:
    distinct = {(row.detector, row.host, row.label == NOISE) for row in rows}
    return sum(is_noise for _, _, is_noise in distinct) / len(distinct) if distinct else None


def _days(rows: Sequence[Labelled]) -> float:
    seconds = [row.seconds for row in rows]
    return max(1.0, (max(seconds) - min(seconds)) / SECONDS_A_DAY) if seconds else 1.0
