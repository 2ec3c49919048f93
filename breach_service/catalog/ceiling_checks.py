"""What a ceiling says of the floors that it neutralises: each is there, is a floor, and is about the same loss."""

from collections.abc import Iterator, Sequence

from breach_service.catalog.checks import Loaded
from breach_service.catalog.faults import Fault, did_you_mean
from breach_service.domain.rules import Rule


def faults_in_ceilings(rules: Sequence[Loaded[Rule]]) -> Iterator[Fault]:
    """Ceilings that hold nothing down, or that name what is no floor of their loss."""
    known = {one.part.id: one.part for one in rules}
    for one in rules:
        then = one.part.then
        if then.at_most is None or then.neutralises == "all":
            continue
        if not then.neutralises:
            message = (
                "this at_most holds nothing down: name in neutralises the rules that it neutralises, or write "
                "neutralises: all"
            )
            yield one.fault(("then",), message)
        for index, name in enumerate(then.neutralises):
            yield from _faults_in_name(one, index, name, known)


def _faults_in_name(one: Loaded[Rule], index: int, name: str, known: dict[str, Rule]) -> Iterator[Fault]:
    where = ("then", "neutralises", index)
    loss = one.part.then.loss
    floors = [rule.id for rule in known.values() if rule.then.at_least is not None and rule.then.loss is loss]
    if name not in known:
        yield one.fault(where, f"there is no rule {name}{did_you_mean(name, floors)}")
    elif name not in floors:
        yield one.fault(where, f"{name} concludes no at_least for {loss}: only such a rule can be neutralised here")
