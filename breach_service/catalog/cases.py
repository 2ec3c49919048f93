"""Cases written as facts, to be assessed offline: plain `facts`, or `perimeters` each with its own.

```yaml
title: …
facts: {loss.confidentiality: yes, …}          # of the whole case
perimeters:                                    # optional; without it there is one, ours as controller
  - {key: own, our_role: controller, controller: …, facts: {…}}
  - {key: client:x, our_role: processor, controller: …, client: x, facts: {…}}
  - {key: joint:y, our_role: joint, controller: …, leads: them, arrangement: …, facts: {…}}
recorded_at: 2026-11-22T09:00:00Z              # optional: when the facts were recorded, which a deferral counts from
```
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from breach_service.catalog.catalogue import Catalogue
from breach_service.catalog.documents import read_document
from breach_service.domain.facts import WHOLE_INCIDENT, Exposure, Fact, Provenance, Scope, ScopeKind
from breach_service.domain.incident import OWN_PERIMETER, Perimeter
from breach_service.domain.inventory import Lead, Role
from breach_service.errors import ContentError

TIMELESS = datetime(2000, 1, 1, tzinfo=UTC)
"""A written case needs no instants; rules do not read them."""


KEYS = frozenset({"title", "story", "source", "facts", "perimeters", "recorded_at", "outcome", "severity", "flaw"})
"""What may stand at the top of a case; title, story, source and what was expected of it are for whoever reads it."""
_UNKNOWN_KEY = "%s is no part of a case: write facts indented under `facts:`, the others are title, story, perimeters"


@dataclass(frozen=True)
class Case:
    """What `assessment.assess` needs."""

    perimeters: tuple[Perimeter, ...]
    facts: tuple[Fact, ...]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    key: str = OWN_PERIMETER
    our_role: Role = Role.CONTROLLER
    controller: str = ""
    client: str | None = None
    leads: Lead | None = None
    arrangement: str = ""
    facts: dict[str, Any] = Field(default_factory=dict)


class _Case(BaseModel):
    model_config = ConfigDict(extra="ignore")
    facts: dict[str, Any] = Field(default_factory=dict)
    perimeters: list[_Part] = Field(default_factory=lambda: [_Part()])
    recorded_at: AwareDatetime = TIMELESS


def case_from(text: str, path: str, catalogue: Catalogue) -> Case:
    """Read a case; ContentError with every fault, one a line."""
    document, faults = read_document(path, text, only_words=False)
    if document is None:
        raise ContentError("\n".join(map(str, faults)))
    unknown = [
        str(document.fault_at_key((name,), _UNKNOWN_KEY % name)) for name in document.data if name not in KEYS
    ] if isinstance(document.data, dict) else []  # fmt: skip
    if unknown:
        raise ContentError("\n".join(unknown))
    try:
        case = _Case.model_validate(document.data)
    except ValidationError as error:
        sentences = (f"{path}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ContentError("\n".join(sentences)) from error
    wrong: list[str] = []
    facts = list(_facts(case.facts, WHOLE_INCIDENT, path, catalogue, wrong, case.recorded_at))
    perimeters = []
    for part in case.perimeters:
        place = Exposure(activity=part.key, client=part.client)
        scope = Scope(ScopeKind.CLIENT, f"*/{part.client}") if part.client else Scope(ScopeKind.ACTIVITY, part.key)
        facts += _facts(part.facts, scope, path, catalogue, wrong, case.recorded_at)
        perimeters.append(
            Perimeter(
                part.key, part.our_role, part.controller, part.client, (), (), (place,), part.leads, part.arrangement
            )
        )
    if wrong:
        raise ContentError("\n".join(wrong))
    return Case(tuple(perimeters), tuple(facts))


def _facts(
    raw: Mapping[str, Any], scope: Scope, path: str, catalogue: Catalogue, wrong: list[str], at: datetime
) -> Iterable[Fact]:
    for name, value in raw.items():
        known = catalogue.facts.get(name)
        if known is None:
            wrong.append(f"{path}: there is no fact {name}: facts.yaml lists them")
            continue
        try:
            yield Fact(name, known.parse(value), scope, Provenance.PERSON, path, at)
        except ValueError as error:
            wrong.append(f"{path}: {error}")
