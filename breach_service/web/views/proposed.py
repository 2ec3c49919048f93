"""What the report of an incident says already: each proposal is accepted as a fact with one click."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from breach_service.domain.conditions import FactValue, NumberRange, is_unknown
from breach_service.domain.dossier import Dossier
from breach_service.domain.facts import Provenance
from breach_service.domain.incident import EntryKind
from breach_service.domain.playbook import joined_facts
from breach_service.domain.proposed import Proposals, proposals_in
from breach_service.web.views.pieces import ContentWords, Value, value_of


@dataclass(frozen=True)
class ProposedLine:
    """One fact that the report speaks for, as its form sends it."""

    fact: str
    label: str
    value: Value
    words: tuple[str, ...]
    """The words of a choice or of a list; empty for a number."""
    at_least: str = ""
    at_most: str = ""


@dataclass(frozen=True)
class ProposedView:
    """The section “What the report says”."""

    lines: tuple[ProposedLine, ...]
    systems: tuple[tuple[str, str], ...]
    """Id and name."""
    source: str
    """The numbers of the reports: the note of each fact that is accepted."""


def proposed_of(dossier: Dossier, content: ContentWords, language: str) -> ProposedView | None:
    """None where the report says nothing that nobody recorded yet."""
    said = "\n".join(_words_of(dossier))
    found = proposals_in(said, dossier.inventory, dossier.incident.systems) if said else Proposals((), ())
    lines = tuple(_lines(found.facts, dossier, content, language))
    systems = tuple(
        (one, system.name.in_language(language))
        for one in found.systems
        if (system := dossier.inventory.system(one)) is not None
    )
    return ProposedView(lines, systems, ", ".join(_numbers_of(dossier))) if lines or systems else None


def _words_of(dossier: Dossier) -> Iterator[str]:
    for entry in dossier.timeline:
        if entry.kind is EntryKind.DECLARED and entry.words:
            yield entry.words.get("what_happened", "")


def _numbers_of(dossier: Dossier) -> Iterator[str]:
    for entry in dossier.timeline:
        words = entry.words or {}
        if entry.kind is EntryKind.NOTED and words.get("note") == "reported" and words.get("report"):
            yield words["report"]


def _lines(
    facts: Iterable[tuple[str, FactValue]], dossier: Dossier, content: ContentWords, language: str
) -> Iterator[ProposedLine]:
    """Without what a person recorded; a list takes in what is held already, since a report rarely says all of it."""
    by_people = {one.name for one in dossier.facts if one.provenance is Provenance.PERSON and not is_unknown(one.value)}
    held = joined_facts(dossier.assessment)
    for name, value in facts:
        known = content.facts.get(name)
        if known is None or name in by_people:
            continue
        before = held.get(name)
        both = value | before if isinstance(value, frozenset) and isinstance(before, frozenset) else value
        if both == before:
            continue
        words = tuple(sorted(both)) if isinstance(both, frozenset) else ()
        least, most = _bounds(both)
        yield ProposedLine(
            name, known.label.in_language(language), value_of(both, name, content, language), words, least, most
        )


def _bounds(value: FactValue) -> tuple[str, str]:
    if not isinstance(value, NumberRange):
        return "", ""
    least, most = ("" if one is None else f"{one:g}" for one in (value.least, value.most))
    return least, most
