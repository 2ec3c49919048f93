"""What an incident says of others: of one that the reader does not see, only that there is another."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from breach_service.domain.dossier import Dossier
from breach_service.domain.incident import ANOTHER_INCIDENT
from breach_service.domain.moving import Proposal

_REFERENCE = re.compile(r"\b[A-Z]{2,10}-\d{4}-\d{4,}\b", re.IGNORECASE)


def references_in(texts: Iterable[str | None]) -> set[str]:
    """The references that stand in some texts, in capitals."""
    return {found.upper() for text in texts if text for found in _REFERENCE.findall(text)}


def withheld(text: str, unseen: Iterable[str]) -> str:
    """A text with `ANOTHER_INCIDENT` where an unseen reference stands; between brackets where a person wrote more."""
    hidden = frozenset(unseen)
    if text.upper() in hidden:
        return ANOTHER_INCIDENT
    return _REFERENCE.sub(lambda one: f"[{ANOTHER_INCIDENT}]" if one[0].upper() in hidden else one[0], text)


def references_of(dossier: Dossier) -> set[str]:
    """The references of other incidents that a dossier names."""
    return references_in(_texts(dossier)) - {dossier.incident.reference}


def _texts(dossier: Dossier) -> Iterator[str | None]:
    yield dossier.incident.duplicate_of
    for entry in dossier.timeline:
        yield from (entry.words or {}).values()
    yield from (one.note for one in dossier.facts)
    yield from (one.reason for one in dossier.instants)
    yield from (one.not_required_reason for one in dossier.obligations)
    yield from (one.reason for one in dossier.positions)
    yield from (one.reason for one in dossier.delay_reasons)
    for proposal in dossier.proposals:
        yield from (proposal.reason, proposal.outcome.reason if proposal.outcome else "")
    for measure in dossier.measures:
        yield from (measure.what, measure.outcome)


def without(dossier: Dossier, unseen: frozenset[str]) -> Dossier:
    """A dossier that names none of some incidents; the digests of its chronology are those of what was written."""

    def words(said: Mapping[str, str] | None) -> Mapping[str, str] | None:
        return None if said is None else {name: withheld(text, unseen) for name, text in said.items()}

    def reason(said: str | None) -> str | None:
        return None if said is None else withheld(said, unseen)

    incident = dossier.incident
    return replace(
        dossier,
        incident=replace(incident, duplicate_of=withheld(incident.duplicate_of, unseen)),
        timeline=tuple(replace(one, words=words(one.words)) for one in dossier.timeline),
        facts=tuple(replace(one, note=withheld(one.note, unseen)) for one in dossier.facts),
        instants=tuple(replace(one, reason=withheld(one.reason, unseen)) for one in dossier.instants),
        obligations=tuple(
            replace(one, not_required_reason=reason(one.not_required_reason)) for one in dossier.obligations
        ),
        positions=tuple(replace(one, reason=withheld(one.reason, unseen)) for one in dossier.positions),
        measures=tuple(
            replace(one, what=withheld(one.what, unseen), outcome=withheld(one.outcome, unseen))
            for one in dossier.measures
        ),
        delay_reasons=tuple(replace(one, reason=withheld(one.reason, unseen)) for one in dossier.delay_reasons),
        proposals=tuple(_proposal_without(one, unseen) for one in dossier.proposals),
    )


def _proposal_without(one: Proposal, unseen: frozenset[str]) -> Proposal:
    ended = one.outcome
    outcome = replace(ended, reason=withheld(ended.reason, unseen)) if ended else None
    return replace(one, reason=withheld(one.reason, unseen), outcome=outcome)
