"""Since when we are aware: what is recorded that may say so, and the earliest of it that makes a breach certain.

Aware is who has a reasonable degree of certainty that a security incident compromised personal data (EDPB Guidelines
9/2022, v2.0, section II.A.2). A sign that something may have happened begins a short inquiry, and is not awareness yet;
proof that somebody hands over is awareness when it arrives, whoever in the company received it. When a button is
clicked says nothing of it: no candidate is ever the present moment.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from breach_service.domain.conditions import Truth
from breach_service.domain.deciding import YES, PositionKind, SubjectKind
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import Fact, Provenance
from breach_service.domain.incident import (
    EntryKind,
    IncidentStatus,
    Instant,
    InstantKind,
    TimelineEntry,
    instants_for,
    not_taken_back,
)
from breach_service.domain.reports import ReporterKind
from breach_service.domain.text import Text

PROVEN_FACTS = ("exfiltration.state", "flaw.exploited", "loss.")
"""With these, and with what says that personal data are there, a breach can become established."""
MOST_REPLAYED = 12
"""Moments at which the facts known until then are judged again."""


class Source(StrEnum):
    """What a candidate is drawn from."""

    TOLD = "told"
    """Somebody told us: a report, a declaration."""
    PROVIDER = "provider"
    """A provider told us of its breach."""
    ALERT = "alert"
    """The first alert."""
    FACT = "fact"
    """A fact with which a breach was established."""
    QUALIFIED = "qualified"
    """Somebody confirmed it."""
    ADVISED = "advised"
    """What the data protection officer advised."""
    INSTANT = "instant"
    """Another instant that somebody recorded."""


class Why(StrEnum):
    """Why a moment counts as awareness, or why it does not by itself."""

    PROVIDER_INFORMED = "provider_informed"
    TOLD_WITH_DATA = "told_with_data"
    TOLD_WITHOUT_CERTAINTY = "told_without_certainty"
    TOLD_BY_AUTHORITY = "told_by_authority"
    ALERT_IS_A_SIGN = "alert_is_a_sign"
    BREACH_ESTABLISHED = "breach_established"
    CONFIRMED_AT_THE_LATEST = "confirmed_at_the_latest"
    OPINION = "opinion"
    ATTACK_IS_NOT_BREACH = "attack_is_not_breach"
    FLAW_IS_NOT_BREACH = "flaw_is_not_breach"


CERTAIN = frozenset(
    {
        Why.PROVIDER_INFORMED, Why.TOLD_WITH_DATA, Why.TOLD_BY_AUTHORITY, Why.BREACH_ESTABLISHED,
        Why.CONFIRMED_AT_THE_LATEST,
    }
)  # fmt: skip
"""With these a breach is reasonably certain; the others begin an inquiry, or advise."""

WHY_WORDS: Mapping[Why, Text] = {
    Why.PROVIDER_INFORMED: Text(
        fr="Le responsable a en principe connaissance de la violation quand son prestataire l’en informe.",
        en="A controller is in principle aware once its provider informs it.",
    ),
    Why.TOLD_WITH_DATA: Text(
        fr="Quelqu’un nous a dit que des données personnelles étaient touchées : une preuve remise vaut connaissance "
        "dès qu’elle arrive.",
        en="Somebody told us that personal data were touched: proof that is handed over is awareness when it arrives.",
    ),
    Why.TOLD_WITHOUT_CERTAINTY: Text(
        fr="Un signalement sans certitude sur les données ouvre une courte enquête ; il vaut prise de connaissance "
        "s’il apportait déjà la preuve.",
        en="A report that is not sure of the data begins a short inquiry; it is awareness if it brought the proof.",
    ),
    Why.TOLD_BY_AUTHORITY: Text(
        fr="Une autorité, la presse ou un chercheur qui nous alerte laisse peu de place au doute.",
        en="An authority, the press or a researcher who tells us leaves little room for doubt.",
    ),
    Why.ALERT_IS_A_SIGN: Text(
        fr="Une alerte est un signe : elle ouvre l’enquête, et celle-ci ne doit pas traîner.",
        en="An alert is a sign: it begins the inquiry, which must not drag on.",
    ),
    Why.BREACH_ESTABLISHED: Text(
        fr="Avec ce fait, ce que l’organisme savait établissait une violation de données personnelles.",
        en="With this fact, what the organisation knew established a breach of personal data.",
    ),
    Why.CONFIRMED_AT_THE_LATEST: Text(
        fr="Au plus tard quand quelqu’un l’a confirmée.",
        en="At the latest when somebody confirmed it.",
    ),
    Why.OPINION: Text(
        fr="C’est l’instant que le DPO conseille de retenir.",
        en="It is the instant that the DPO advises.",
    ),
    Why.ATTACK_IS_NOT_BREACH: Text(
        fr="Connaître l’attaque n’est pas encore savoir que des données personnelles sont touchées.",
        en="To know of the attack is not yet to know that personal data are touched.",
    ),
    Why.FLAW_IS_NOT_BREACH: Text(
        fr="Une faille n’est pas une violation : elle compte pour les clients, non pour les 72 heures.",
        en="A flaw is no breach: it counts towards clients, not for the 72 hours.",
    ),
}


@dataclass(frozen=True)
class Candidate:
    """One recorded moment. `at` aware, UTC."""

    at: datetime
    source: Source
    why: Why
    by: str
    """Who told us, recorded or advised it, in words; empty for an alert."""
    about: str = ""
    """The fact, the number of the report, or the kind of the instant."""

    @property
    def is_certain(self) -> bool:
        """True where it makes a breach reasonably certain."""
        return self.why in CERTAIN


@dataclass(frozen=True)
class Awareness:
    """Every candidate, oldest first, and the earliest with which a breach was reasonably certain."""

    candidates: tuple[Candidate, ...]
    proposed: Candidate | None
    """None while nothing recorded makes it certain: the inquiry goes on, and its clock is provisional."""
    recorded: Instant | None
    """What somebody recorded last for the whole incident."""

    @property
    def is_later_than_proposed(self) -> bool:
        """True where what was recorded lies after the earliest moment of certainty: that wants its reason."""
        return bool(self.recorded and self.proposed and self.recorded.at > self.proposed.at)


IsBreach = Callable[[Sequence[Fact]], Truth]
"""Whether these recorded facts establish a breach of personal data, as far as the engine can tell."""


def awareness_of(dossier: Dossier, is_breach: IsBreach) -> Awareness:
    """The candidates of an incident and the one that is proposed, from what its dossier holds."""
    found = [
        *_told(dossier.timeline), *_told_otherwise(dossier), *_first_alert(dossier), *_established(dossier, is_breach),
        *_confirmed(dossier.timeline), *_advised(dossier), *_other_instants(not_taken_back(dossier.instants)),
    ]  # fmt: skip
    candidates = tuple(sorted(dict.fromkeys(found), key=lambda one: (one.at, not one.is_certain, one.source)))
    return Awareness(
        candidates,
        next((one for one in candidates if one.is_certain), None),
        instants_for("", dossier.instants).get(InstantKind.AWARE_AT),
    )


# Where candidates come from -------------------------------------------------------------------------------------------

_LOUD = frozenset({ReporterKind.AUTHORITY, ReporterKind.PRESS, ReporterKind.RESEARCHER})


def _told(timeline: Iterable[TimelineEntry]) -> Iterator[Candidate]:
    """What was declared and reported, each when we were told and not when it was typed in."""
    reported: list[TimelineEntry] = []
    for entry in timeline:
        words = entry.words or {}
        told_at = _instant(words.get("told_at", ""))
        if told_at is None:
            continue
        if entry.kind is EntryKind.DECLARED and words.get("provider"):
            yield Candidate(told_at, Source.PROVIDER, Why.PROVIDER_INFORMED, words["provider"])
        elif entry.kind is EntryKind.DECLARED:
            who = words.get("told_by") or entry.actor
            why = Why.TOLD_WITH_DATA if words.get("personal_data") == YES else Why.TOLD_WITHOUT_CERTAINTY
            yield Candidate(told_at, Source.TOLD, why, who)
        elif entry.kind is EntryKind.NOTED and words.get("report"):
            reported.append(entry)
    for entry in reported:
        words = entry.words or {}
        kind = words.get("reporter") or words.get("kind", "")
        added, source = _why_of_reporter(kind)
        told_at = _instant(words["told_at"])
        if added is not None and told_at is not None:
            yield Candidate(told_at, source, added, kind, words["report"])


def _why_of_reporter(kind: str) -> tuple[Why | None, Source]:
    """What the kind of the reporter adds to the declaration that the same report made."""
    if kind == ReporterKind.PROVIDER:
        return Why.PROVIDER_INFORMED, Source.PROVIDER
    return (Why.TOLD_BY_AUTHORITY if kind in _LOUD else None), Source.TOLD


def _told_otherwise(dossier: Dossier) -> Iterator[Candidate]:
    """Instants at which we were told that no declaration wrote down: a provider's notice, what came from a merger."""
    declared = {
        _instant((one.words or {}).get("told_at", "")) for one in dossier.timeline if one.kind is EntryKind.DECLARED
    }
    providers = {one.name.casefold(): one.name for one in dossier.inventory.providers}
    for one in not_taken_back(dossier.instants):
        if one.kind not in (InstantKind.TOLD_AT, InstantKind.RECEIVED_AT) or one.at in declared:
            continue
        said = f"{one.reason} {one.by}".casefold()
        provider = next((name for folded, name in providers.items() if folded in said), "")
        source, why = (
            (Source.PROVIDER, Why.PROVIDER_INFORMED) if provider else (Source.TOLD, Why.TOLD_WITHOUT_CERTAINTY)
        )
        yield Candidate(one.at, source, why, provider or one.by)


def _first_alert(dossier: Dossier) -> Iterator[Candidate]:
    """When the first alert reached us; what it says itself of the time of the attack is another instant."""
    if dossier.episodes:
        first = min(dossier.episodes, key=lambda one: one.received_at)
        yield Candidate(first.received_at, Source.ALERT, Why.ALERT_IS_A_SIGN, first.source, str(first.signal))


def _established(dossier: Dossier, is_breach: IsBreach) -> Iterator[Candidate]:
    """The first fact with which everything recorded until then established a breach."""
    recorded = sorted(
        (one for one in dossier.facts if one.provenance is not Provenance.INVENTORY), key=lambda one: one.recorded
    )
    moments = [index for index, one in enumerate(recorded) if _may_establish(one)][:MOST_REPLAYED]
    for index in moments:
        if is_breach(recorded[: index + 1]) is Truth.YES:
            one = recorded[index]
            by = "" if one.provenance is Provenance.ALERT else one.by
            yield Candidate(one.established_at, Source.FACT, Why.BREACH_ESTABLISHED, by, one.name)
            return


def _may_establish(one: Fact) -> bool:
    is_data = one.name.startswith(("system.holds_personal_data", "data."))
    return is_data or one.name.startswith(PROVEN_FACTS)


def _confirmed(timeline: Iterable[TimelineEntry]) -> Iterator[Candidate]:
    for entry in timeline:
        if entry.kind is EntryKind.STATUS_CHANGED and (entry.words or {}).get("to") == IncidentStatus.CONFIRMED:
            yield Candidate(entry.at, Source.QUALIFIED, Why.CONFIRMED_AT_THE_LATEST, entry.actor)
            return


def _advised(dossier: Dossier) -> Iterator[Candidate]:
    said = [
        one for one in dossier.positions
        if one.kind is PositionKind.OPINION and one.subject.kind is SubjectKind.AWARE_AT and not one.subject.key
    ]  # fmt: skip
    for one in said[-1:]:
        at = _instant(one.value)
        if at is not None:
            yield Candidate(at, Source.ADVISED, Why.OPINION, one.by)


_OTHERS = {
    InstantKind.ATTACK_KNOWN_AT: Why.ATTACK_IS_NOT_BREACH,
    InstantKind.FLAW_DISCOVERED_AT: Why.FLAW_IS_NOT_BREACH,
}


def _other_instants(instants: Iterable[Instant]) -> Iterator[Candidate]:
    for one in instants:
        if one.kind in _OTHERS:
            yield Candidate(one.at, Source.INSTANT, _OTHERS[one.kind], one.by, str(one.kind))


def _instant(text: str) -> datetime | None:
    """An instant in UTC; None for anything else (words that were erased, or withheld)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
