"""A sender that nobody knows, taught without code: where in its body each part of an alert stands.

The table is written by an operator, by hand or by pointing at the leaves of a sample (`mapping.paths_in`). Every place
is a JMESPath or a list of them, the first that finds something counting; every fault is a sentence that names its key.
Decimal numbers are texts here, because records keep them as the sender wrote them.
"""

from collections.abc import Mapping as Table
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, field_validator

from breach_service.domain.alert import Severity, Signal
from breach_service.errors import InvalidCommand
from breach_service.sources.mapped.paths import path_of

_MOST_ALTERNATIVES = 20
_MOST_WORDS = 500


class MappingFaults(InvalidCommand):
    """The table cannot be used; `faults` has one sentence for each fault, by the key that it is about."""

    def __init__(self, faults: tuple[tuple[str, str], ...]) -> None:
        self.faults = faults
        super().__init__(" ".join(sentence for _, sentence in faults))


def _listed(value: Any) -> Any:
    """One text as a list of one; nothing as none."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str | bool | int) else value


def _checked(value: Any) -> tuple[str, ...]:
    listed = _listed(value)
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        raise ValueError("write a path, or a list of paths")
    if len(listed) > _MOST_ALTERNATIVES:
        raise ValueError(f"at most {_MOST_ALTERNATIVES} paths are tried")
    for one in listed:
        path_of(one)
    return tuple(listed)


def _worded(value: Any) -> Any:
    """Words as texts, whatever YAML made of them (`on`, `1`)."""
    listed = _listed(value)
    return tuple(_word(one) for one in listed) if isinstance(listed, list | tuple) else listed


def _word(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _keyed(value: Any) -> Any:
    return {_word(key): one for key, one in value.items()} if isinstance(value, dict) else value


Paths = Annotated[tuple[str, ...], BeforeValidator(_checked)]
Words = Annotated[tuple[str, ...], BeforeValidator(_worded)]


class Always(BaseModel):
    """What holds for every alert of the sender, whatever its body says."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    signal: Signal | None = None
    severity: Severity | None = None


class Mapping(BaseModel):
    """Where the parts of an alert stand in the bodies of one sender."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    each: Paths = ()
    """To the list of alerts in the body; without it the body is one, and each member of an array is one."""
    title: Paths
    severity: Paths = ()
    signal: Paths = ()
    host: Paths = ()
    user: Paths = ()
    address: Paths = ()
    source_address: Paths = ()
    application: Paths = ()
    time: Paths = ()
    identity: Paths = ()
    """Without it the title and the things named are the identity."""
    state: Paths = ()
    summary: Paths = ()
    link: Paths = ()
    reference: Paths = ()
    severity_words: Annotated[Table[str, Severity], BeforeValidator(_keyed)] = {}
    """What the sender's own words, or numbers, for the severity mean."""
    signal_words: Annotated[Table[str, Signal], BeforeValidator(_keyed)] = {}
    resolved_words: Words = ()
    """Words of `state` that mean the end; without them the usual ones."""
    test_words: Words = ()
    zone: str | None = None
    """Where the sender's clock stands if its times have no zone: a name such as Europe/Paris."""
    always: Always = Always()

    @field_validator("title")
    @classmethod
    def _is_there(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        if not paths:
            raise ValueError("say where the title stands")
        return paths

    @field_validator("severity_words", "signal_words", "resolved_words", "test_words")
    @classmethod
    def _is_short(cls, words: Any) -> Any:
        if len(words) > _MOST_WORDS:
            raise ValueError(f"at most {_MOST_WORDS} words fit")
        return words

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, name: str | None) -> str | None:
        if name is None:
            return None
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as fault:
            raise ValueError(f"{name!r} is no time zone; write a name such as Europe/Paris") from fault
        return name


def mapping_from(document: object) -> Mapping:
    """The mapping of a document as YAML or a form gives it. Raises MappingFaults with a sentence for each fault."""
    if not isinstance(document, dict):
        raise MappingFaults((("", "A mapping is a table of keys, with at least a title."),))
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        raise MappingFaults(tuple(_sentence(one) for one in error.errors(include_url=False))) from error


def _sentence(fault: Any) -> tuple[str, str]:
    place = [str(one) for one in fault["loc"] if one != "[key]"]
    key = ".".join(place)
    match fault["type"]:
        case "missing":
            said = "is missing: say where it stands in the body."
        case "extra_forbidden":
            said = f"is no key of a mapping; known keys: {', '.join(_known(place))}."
        case "enum":
            said = f"{fault['input']!r} is not a known word; known words: {fault['ctx']['expected']}."
        case "value_error":
            said = f"{fault['ctx']['error']}."
        case _:
            said = f"{fault['msg']}."
    return key, f"{key}: {said}"


def _known(place: list[str]) -> list[str]:
    held = Always if place[:1] == ["always"] and len(place) > 1 else Mapping
    return sorted(held.model_fields)
