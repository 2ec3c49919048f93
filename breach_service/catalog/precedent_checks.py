"""What `precedents.yaml` names, and whether each example is as like the case as it says."""

from collections.abc import Iterator

from breach_service.catalog.checks import Loaded
from breach_service.catalog.conditions import FactNames, faults_in_lines
from breach_service.catalog.faults import Fault
from breach_service.domain.conditions import Truth
from breach_service.domain.precedents import LikeCase, Precedent, likeness_to


def faults_in_precedent(loaded: Loaded[Precedent], facts: FactNames) -> Iterator[Fault]:
    """Lines and examples that do not fit the facts, an outcome that is missing, and examples that say otherwise."""
    one, document, where = loaded.part, loaded.document, loaded.where
    if not any(one.outcome.model_dump().values()):
        yield loaded.fault(("outcome",), "say what came out for at least one of authority, persons and clients")
    faults = [
        *faults_in_lines(one.when, document, (*where, "when"), facts, may_ask_if_known=False),
        *faults_in_lines(dict(one.weighed), document, (*where, "weighed"), facts, may_ask_if_known=False),
    ]
    yield from faults
    for group, is_alike in (("alike", True), ("unlike", False)):
        for index, example in enumerate(getattr(one.examples, group)):
            place = (*where, "examples", group, index)
            misfits = list(facts.faults_in_values(example, document, place))
            yield from misfits
            values = None if misfits or faults else facts.parsed(example)
            if values is not None:
                yield from _broken_promise(loaded, group, index, likeness_to(one, values), is_alike)


def _broken_promise(
    loaded: Loaded[Precedent], group: str, index: int, found: LikeCase, promised: bool
) -> Iterator[Fault]:
    is_alike = found.is_same_kind is Truth.YES and not found.differs and not found.not_known
    is_unlike = found.is_same_kind is Truth.NO or bool(found.differs)
    if promised and not is_alike:
        missing = [one.name for one in (*found.differs, *found.not_known)] or ["when"]
        sentence = f"this example is not alike (« {' », « '.join(missing)} »): correct the example, or the lines"
    elif not promised and not is_unlike:
        sentence = "nothing in this example differs from the case: correct the example, or the lines"
    else:
        return
    yield loaded.fault(("examples", group, index), sentence)
