"""Facts that cannot both be so: said at the recording, so that one wrong word does not shut a duty."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from breach_service.domain.assessment.implied import SPECIAL
from breach_service.domain.assessment.incident import Assessment
from breach_service.domain.conditions import FactLine, Truth, compare
from breach_service.domain.facts import Fact, Provenance


def _line(fact: str, **comparison: object) -> FactLine:
    return FactLine.model_validate({"fact": fact, **comparison})


_NOT_SEEN = _line("loss.confidentiality", **{"is": "no"})
_NOT_GONE = _line("loss.availability", **{"is": "no"})
_NOT_ALTERED = _line("loss.integrity", **{"is": "no"})
_NOT_REACHED = _line("incident.compromise_suspected", **{"is": "no"})
_NO_PERSONS = _line("system.holds_personal_data", **{"is": "no"})
_NOT_MALICIOUS = _line("incident.malicious", **{"is": "no"})
_ACCIDENTAL = _line("incident.cause", any_of=("internal_accidental", "external_accidental"))
_TRUSTED = _line("recipients.kind", **{"is": "trusted"})
"""Who is trusted received the data by mistake: nobody who attacks hands them over so."""
EXCLUDING: tuple[tuple[FactLine, FactLine], ...] = (
    (_NOT_SEEN, _line("exfiltration.state", any_of=("possible", "likely", "seen"))),
    (
        _NOT_SEEN,
        _line("recipients.kind", any_of=("trusted", "identified", "insider", "unidentified", "malicious", "public")),
    ),
    (_NOT_SEEN, _line("recipients.number", at_least=1)),
    (_NOT_GONE, _line("unavailability.effect_on_persons", any_of=("minor", "serious"))),
    (_NOT_GONE, _line("data.lost_for_good", **{"is": "yes"})),
    (_NOT_ALTERED, _line("alteration.effect_on_persons", any_of=("minor", "serious"))),
    *(
        (_NOT_REACHED, _line(f"loss.{one}", **{"is": "yes"}))
        for one in ("confidentiality", "integrity", "availability")
    ),
    (_NOT_REACHED, _line("exfiltration.state", any_of=("likely", "seen"))),
    (_NO_PERSONS, _line("persons.number", at_least=1)),
    (_NO_PERSONS, _line("data.special_categories", any_of=tuple(sorted(SPECIAL)))),
    (_line("backup.exists", **{"is": "no"}), _line("backup.intact", **{"is": "yes"})),
    (_line("backup.exists", **{"is": "no"}), _line("backup.restored", **{"is": "yes"})),
    (_line("exfiltration.state", **{"is": "excluded"}), _line("exfiltration.evidence_complete", **{"is": "no"})),
    (_line("backup.restored", **{"is": "yes"}), _line("data.lost_for_good", **{"is": "yes"})),
    (_line("alteration.recoverable", **{"is": "no"}), _line("alteration.restored_before_use", **{"is": "yes"})),
    (_line("flaw.confirmed", **{"is": "no"}), _line("flaw.exploited", **{"is": "yes"})),
    (_NOT_MALICIOUS, _line("incident.cause", any_of=("internal_malicious", "external_malicious"))),
    (_ACCIDENTAL, _line("incident.malicious", **{"is": "yes"})),
    (_TRUSTED, _line("incident.malicious", **{"is": "yes"})),
    (_TRUSTED, _line("recipients.trust_basis", **{"is": "none"})),
    (_TRUSTED, _line("incident.cause", any_of=("internal_malicious", "external_malicious"))),
    (_line("recipients.kind", **{"is": "nobody"}), _line("recipients.number", at_least=1)),
    (_line("encryption.state_of_the_art", **{"is": "no"}), _line("encryption.covers_all_data", **{"is": "yes"})),
    (_line("recipients.kind", **{"is": "nobody"}), _line("exfiltration.state", any_of=("likely", "seen"))),
)
"""Pairs of lines that cannot both hold of the same data."""


@dataclass(frozen=True)
class Contradiction:
    """Two facts that count at the same place and exclude each other."""

    first: Fact
    """What shuts or softens something: a “no”, a restoration, a trusted recipient."""
    second: Fact

    def about(self, name: str) -> Fact | None:
        """The other of the two where one of them is this fact; None where neither is."""
        if self.first.name == name:
            return self.second
        return self.first if self.second.name == name else None


def contradictions_in(assessment: Assessment) -> tuple[Contradiction, ...]:
    """What contradicts itself, each pair once, in the order of `EXCLUDING`.

    What the inventory says and what follows from other facts is left out: nobody said it of this incident.
    """
    found = {
        (one.first.name, one.second.name): one
        for perimeter in assessment.perimeters
        for place in perimeter.places
        for one in _at(place.facts.values())
    }
    return tuple(found[key] for key in sorted(found, key=_PAIRS.index))


_PAIRS = [(first.fact, second.fact) for first, second in EXCLUDING]
_SAID = frozenset({Provenance.PERSON, Provenance.ALERT})


def _at(facts: Iterable[Fact]) -> Iterator[Contradiction]:
    said = {one.name: one for one in facts if one.provenance in _SAID}
    for first, second in EXCLUDING:
        if first.fact in said and second.fact in said and _holds(first, said) and _holds(second, said):
            yield Contradiction(said[first.fact], said[second.fact])


def _holds(line: FactLine, said: dict[str, Fact]) -> bool:
    return compare(said[line.fact].value, *line.comparison) is Truth.YES
