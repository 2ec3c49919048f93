"""The content of `playbooks/` as one checked value. Pure: text in, catalogue or faults out."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from breach_service.catalog import checks
from breach_service.catalog.ceiling_checks import faults_in_ceilings
from breach_service.catalog.checks import Loaded
from breach_service.catalog.conditions import FactNames
from breach_service.catalog.documents import read_document
from breach_service.catalog.drill_checks import faults_in_drill
from breach_service.catalog.faults import Fault
from breach_service.catalog.ladder_checks import faults_in_ladders
from breach_service.catalog.playbook_checks import faults_in_playbook
from breach_service.catalog.precedent_checks import faults_in_precedent
from breach_service.catalog.regime_checks import faults_between_regimes, faults_in_regime
from breach_service.catalog.shelf import Shelf, load
from breach_service.catalog.urgency_checks import faults_in_urgencies
from breach_service.domain.alert import Signal
from breach_service.domain.deadlines import Authority, Regime
from breach_service.domain.drills import Scenario
from breach_service.domain.facts import FactType
from breach_service.domain.grouping import Grouping, SignalType
from breach_service.domain.inventory import Inventory
from breach_service.domain.playbook import Playbook
from breach_service.domain.precedents import Precedent
from breach_service.domain.reminders import SHIPPED_LADDERS, Ladder
from breach_service.domain.rules import Rule
from breach_service.domain.waking import USUAL_URGENCIES, Urgencies


@dataclass(frozen=True)
class Catalogue:
    """Everything that the DPO wrote, checked. Rules, regimes and playbooks stand in the order of their file names."""

    facts: Mapping[str, FactType]
    """In the order of the file, which is the order of the questions."""
    signals: Mapping[Signal, SignalType]
    rules: tuple[Rule, ...]
    regimes: tuple[Regime, ...]
    authorities: Mapping[str, Authority]
    """Offices that notices go to, by id; empty where the content lists none."""
    grouping: Grouping
    playbooks: tuple[Playbook, ...]
    precedents: tuple[Precedent, ...]
    """How regulators judged; empty where the content has none."""
    drills: tuple[Scenario, ...]
    """The exercises; empty where the content has none."""
    urgencies: Urgencies
    """Who is woken; the usual ones where the content says nothing of it."""
    ladders: Mapping[str, Ladder]
    """When people are reminded, by id; those that every release knows where the content does not say otherwise."""
    inventories: Mapping[str, Inventory]
    """The example inventories, by file name without `.yaml`."""
    documents: Mapping[str, str]
    """The text of every file by its relative path: a version that can be stored and read back."""
    digest: str
    """SHA-256 (hex) of the documents; the same whatever the order of reading."""


@dataclass(frozen=True)
class CatalogueReading:
    """A catalogue, or every fault that kept it from being one."""

    catalogue: Catalogue | None
    faults: tuple[Fault, ...]
    parsed: str = ""
    """The plain data of the documents as JSON, where they have no faults: parsing them takes most of the reading."""


def digest_of(documents: Mapping[str, str]) -> str:
    """SHA-256 (hex) over the sorted paths and the UTF-8 bytes of the documents."""
    whole = hashlib.sha256()
    for path in sorted(documents):
        content = documents[path].encode()
        whole.update(f"{path}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


Recall = Callable[[str], str | None]
"""What was parsed from documents of this digest before and had no faults; None where that is not known."""


def catalogue_from(documents: Mapping[str, str], recall: Recall = lambda _: None) -> CatalogueReading:
    """Read and check all documents at once: `documents` maps relative paths such as `rules/x.yaml` to text.

    What `recall` knows is not parsed again; everything else is checked as ever.
    """
    return _read_once(tuple(sorted(documents.items())), recall(digest_of(documents)) or "")


@lru_cache(maxsize=8)
def _read_once(items: tuple[tuple[str, str], ...], parsed: str) -> CatalogueReading:
    """The same documents are read once: a process meets the same version at each start and each renewal."""
    documents = dict(items)
    shelf = Shelf(documents, parsed)
    parts = _Parts(
        facts=shelf.entries(FactType, "facts.yaml"),
        signals=shelf.entries(SignalType, "signals.yaml", among=tuple(Signal)),
        rules=shelf.folder(Rule, "rules"),
        regimes=shelf.folder(Regime, "regimes"),
        playbooks=shelf.folder(Playbook, "responses"),
        drills=shelf.folder(Scenario, "drills"),
        ladders=shelf.entries(Ladder, "ladders.yaml"),
        inventories=shelf.folder(Inventory, "inventory"),
        grouping=shelf.whole(Grouping, "grouping.yaml"),
        precedents=shelf.entries(Precedent, "precedents.yaml"),
        authorities=shelf.entries(Authority, "authorities.yaml"),
        urgencies=shelf.whole(Urgencies, "urgency.yaml"),
    )
    faults = sorted({*shelf.faults, *_faults_between(parts, shelf)})
    if faults and parsed:  # another release found none: parse the texts, to say where they are
        return _read_once(items, "")
    if faults or parts.grouping is None:
        return CatalogueReading(None, tuple(faults))
    return CatalogueReading(_catalogue(parts, parts.grouping.part, documents), (), parsed or shelf.as_parsed())


def read_inventory(
    text: str, path: str, facts: Mapping[str, FactType] | None = None
) -> tuple[Inventory | None, tuple[Fault, ...]]:
    """Read an inventory to import: the inventory, or None and every fault.

    With the facts of the catalogue, the words that it uses for systems, data and persons are checked too.
    """
    document, faults = read_document(path, text, only_words=False)
    if document is None:
        return None, tuple(faults)
    loaded, found = load(Inventory, document, document.data)
    faults += found
    if loaded is not None:
        names = FactNames(facts, frozenset(facts)) if facts is not None else None
        faults += checks.faults_in_inventory(loaded, names)
    return (loaded.part if loaded and not faults else None), tuple(sorted(set(faults)))


@dataclass(frozen=True)
class _Parts:
    facts: list[Loaded[FactType]]
    signals: list[Loaded[SignalType]]
    rules: list[Loaded[Rule]]
    regimes: list[Loaded[Regime]]
    playbooks: list[Loaded[Playbook]]
    drills: list[Loaded[Scenario]]
    ladders: list[Loaded[Ladder]]
    inventories: list[Loaded[Inventory]]
    grouping: Loaded[Grouping] | None
    precedents: list[Loaded[Precedent]]
    authorities: list[Loaded[Authority]]
    urgencies: Loaded[Urgencies] | None


def _faults_between(parts: _Parts, shelf: Shelf) -> Iterator[Fault]:
    """What one file says about another; nothing of it can be told while the list of facts cannot be read."""
    named: tuple[list[Loaded[Any]], ...] = (parts.rules, parts.regimes, parts.playbooks, parts.drills)
    for group in named:
        yield from checks.faults_in_names(group)
    yield from faults_in_ceilings(parts.rules)
    yield from faults_between_regimes(parts.regimes, parts.authorities)
    signals = shelf.document("signals.yaml")
    if signals is not None:
        yield from checks.faults_in_list_of_signals(signals)
    yield from faults_in_ladders(parts.ladders, parts.regimes)
    if parts.grouping is not None:
        yield from checks.faults_in_grouping(parts.grouping)
    document = shelf.document("facts.yaml")
    if document is None:
        return
    facts = FactNames({one.part.id: one.part for one in parts.facts}, frozenset(document.data))
    faults, unsound = checks.faults_in_facts(parts.facts, document, facts)
    yield from faults
    yield from _faults_on_facts(parts, facts.without(unsound))


def _faults_on_facts(parts: _Parts, facts: FactNames) -> Iterator[Fault]:
    """Lines, values and names that do not fit the list of facts."""
    for signal in parts.signals:
        yield from checks.faults_in_signal(signal, facts)
    for rule in parts.rules:
        yield from checks.faults_in_rule(rule, facts)
    for regime in parts.regimes:
        yield from faults_in_regime(regime, facts)
    for playbook in parts.playbooks:
        yield from faults_in_playbook(playbook, facts)
    for drill in parts.drills:
        yield from faults_in_drill(drill, facts)
    for precedent in parts.precedents:
        yield from faults_in_precedent(precedent, facts)
    if parts.urgencies is not None:
        yield from faults_in_urgencies(parts.urgencies, facts)
    for inventory in parts.inventories:
        yield from checks.faults_in_inventory(inventory, facts)


def _catalogue(parts: _Parts, grouping: Grouping, documents: Mapping[str, str]) -> Catalogue:
    return Catalogue(
        facts=MappingProxyType({one.part.id: one.part for one in parts.facts}),
        signals=MappingProxyType({one.part.id: one.part for one in parts.signals}),
        rules=tuple(one.part for one in parts.rules),
        regimes=tuple(one.part for one in parts.regimes),
        authorities=MappingProxyType({one.part.id: one.part for one in parts.authorities}),
        grouping=grouping,
        playbooks=tuple(one.part for one in parts.playbooks),
        drills=tuple(one.part for one in parts.drills),
        precedents=tuple(one.part for one in parts.precedents),
        urgencies=parts.urgencies.part if parts.urgencies else USUAL_URGENCIES,
        ladders=MappingProxyType({**SHIPPED_LADDERS, **{one.part.id: one.part for one in parts.ladders}}),
        inventories=MappingProxyType({PurePosixPath(one.document.path).stem: one.part for one in parts.inventories}),
        documents=MappingProxyType(dict(documents)),
        digest=digest_of(documents),
    )
