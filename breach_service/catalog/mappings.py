"""Mappings as YAML: how an operator keeps, copies and brings along what a sender's own format means.

The keys are those of `sources.mapping.Mapping`; a key that holds one path is a text, one that holds several a list.
"""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from breach_service.catalog.documents import Document, Where, read_document
from breach_service.catalog.faults import Fault
from breach_service.sources.mapped.reading import Mapping, MappingFaults, mapping_from

LONGEST = 100_000
"""Characters of a mapping."""
_NAME = "mapping"
_WIDE = 4096
"""Columns: a path stands on one line."""


def read_mapping(text: str) -> tuple[Mapping | None, tuple[str, ...]]:
    """The mapping of a text, or every fault as `line 3: …`; never raises."""
    if len(text) > LONGEST:
        return None, (f"line 1: a mapping has at most {LONGEST} characters, this one has {len(text)}",)
    document, faults = read_document(_NAME, text, only_words=False)
    if document is None or faults:
        return None, tuple(map(_worded, sorted(faults)))
    try:
        return mapping_from(document.data), ()
    except MappingFaults as error:
        found = [document.fault(_where(document, key), sentence) for key, sentence in error.faults]
        return None, tuple(map(_worded, sorted(found)))


def mapping_faults(text: str) -> tuple[str, ...]:
    """What is wrong with a text that should be a mapping, each as `line 3: …`; empty where nothing is."""
    return read_mapping(text)[1]


def written(mapping: Mapping) -> str:
    """A mapping as YAML, without what it leaves open; read again it is the same."""
    held = mapping.model_dump(mode="json", exclude_defaults=True)
    plain = {key: _shortened(key, value) for key, value in held.items()}
    yaml = YAML()
    yaml.width, yaml.default_flow_style = _WIDE, False
    text = StringIO()
    yaml.dump(plain, text)
    return text.getvalue()


def _shortened(key: str, value: Any) -> Any:
    if key == "always":
        return {name: word for name, word in value.items() if word is not None}
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _worded(fault: Fault) -> str:
    return f"line {fault.line}: {fault.message}"


def _where(document: Document, key: str) -> Where:
    """The place of `severity_words.P1`; the words of a table may hold dots themselves."""
    name, _, rest = key.partition(".")
    if not name:
        return ()
    if rest and (name, rest) in document.values:
        return name, rest
    return (name, int(rest)) if rest.isdecimal() else (name,)
