"""YAML as plain data that still knows the line and column of every key and value.

YAML 1.2, so that `yes` and `no` stay words. Only what a content file needs is read: no anchors, no tags, one document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from breach_service.catalog.faults import Fault

Where: TypeAlias = tuple[str | int, ...]
"""The way to a value inside a document: keys and indexes from 0."""
Place: TypeAlias = tuple[int, int]
"""Line and column, both from 1."""

_TAG = "tag:yaml.org,2002:"

_SYNTAX = (
    ("'\\t'", "a tab stands where spaces must: indent with spaces"),
    ("mapping values are not allowed", "this colon starts a field where none can be: check the indentation, "
     "or write the text in block style (>) or in quotes"),
    ("mapping keys are not allowed", "a text cannot start with « ? »: write it in block style (>) or in quotes"),
    ("found another document", "a file holds one document only: remove the line ---"),
    ("undefined alias", "a text cannot start with « * »: write it in block style (>) or in quotes"),
    ("cannot start any token", "a text cannot start with this sign: write it in block style (>) or in quotes"),
    ("quoted scalar", "a quotation mark is opened here and never closed"),
    ("parsing a flow", "a bracket is not closed, or a text inside brackets holds « : »: "
     "close it, or write the text in block style (>)"),
    ("parsing a block", "the indentation does not fit the lines above: align it with them"),
    ("expected ':'", "this line is neither a field nor part of the text above: check its colon and its indentation"),
)  # fmt: skip


@dataclass(frozen=True)
class Document:
    """The plain data of one file and the place of each part of it."""

    path: str
    data: Any
    keys: Mapping[Where, Place]
    values: Mapping[Where, Place]

    def fault(self, where: Where, message: str) -> Fault:
        """A fault at a value (at its key if it holds parts of its own), or at the nearest part above an absent one."""
        while where and where not in self.values:
            where = where[:-1]
        has_parts = isinstance(self.at(where), dict | list)
        place = (self.keys.get(where) if has_parts else None) or self.values[where]
        return Fault(self.path, *place, message)

    def fault_at_key(self, where: Where, message: str) -> Fault:
        """A fault at the key itself."""
        place = self.keys.get(where)
        return Fault(self.path, *place, message) if place else self.fault(where, message)

    def at(self, where: Where) -> Any:
        """The value at a place that exists."""
        value = self.data
        for step in where:
            value = value[step]
        return value


def read_document(path: str, text: str, *, only_words: bool) -> tuple[Document | None, list[Fault]]:
    """Parse one file. With `only_words`, true and false are faults: content says yes and no."""
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        return None, [_syntax_fault(path, error)]
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        return None, [Fault(path, line, column, "an unprintable character stands here: remove it")]
    except (YAMLError, RecursionError) as error:
        return None, [Fault(path, 1, 1, f"this is not YAML that can be read: {error.__class__.__name__}")]
    if node is None:
        return None, [Fault(path, 1, 1, "the file is empty: write it, or remove it")]
    reader = _Reader(path, only_words)
    data = reader.plain(node, ())
    document = Document(path, data, reader.keys, reader.values)
    return (None if reader.has_references else document), reader.faults


def _syntax_fault(path: str, error: MarkedYAMLError) -> Fault:
    said = f"{error.context or ''} {error.problem or ''}"
    sentence = next((words for part, words in _SYNTAX if part in said), f"this is not YAML: {error.problem}")
    is_opened_before = "quoted scalar" in said or "parsing a flow" in said
    mark = error.context_mark if is_opened_before and error.context_mark else error.problem_mark
    if mark is None:
        return Fault(path, 1, 1, sentence)
    return Fault(path, mark.line + 1, mark.column + 1, sentence)


@dataclass
class _Reader:
    path: str
    only_words: bool
    keys: dict[Where, Place] = field(default_factory=dict)
    values: dict[Where, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    has_references: bool = False

    def plain(self, node: Node, where: Where) -> Any:
        self.values[where] = _place(node)
        if id(node) in self.seen:
            return None
        self.seen.add(id(node))
        if node.anchor is not None:
            self.has_references = True
            self._fault(node, "anchors (&) and references (*) are not used here: write the part out in full")
        match node:
            case MappingNode():
                return self._mapping(node, where)
            case SequenceNode():
                return [self.plain(item, (*where, index)) for index, item in enumerate(node.value)]
            case ScalarNode():
                return self._scalar(node)
        raise TypeError(f"not a node of YAML: {node!r}")

    def _mapping(self, node: MappingNode, where: Where) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self._fault(key, "the name of a field is a word, not a list or a group")
                continue
            name = str(key.value)
            if name in plain:
                self._fault(key, f"{name} is written twice here: keep one")
                continue
            if value.start_mark.index == key.end_mark.index:  # no colon: a piece of the text before it
                self._fault(key, f"no colon follows « {name} »: if a comma cut a text in two, put that text in quotes")
                continue
            self.keys[(*where, name)] = _place(key)
            plain[name] = self.plain(value, (*where, name))
        return plain

    def _scalar(self, node: ScalarNode) -> Any:
        text = str(node.value)
        match str(node.tag).removeprefix(_TAG):
            case "str" | "timestamp":
                return text
            case "null":
                return None
            case "bool":
                return self._yes_or_no(node, text.lower() in ("true", "yes", "on", "y"))
            case "int":
                return _number(text, int)
            case "float":
                return _number(text, float)
        self._fault(node, f"the tag {node.tag} is not used here: remove it")
        return text

    def _yes_or_no(self, node: ScalarNode, value: bool) -> Any:
        word = "yes" if value else "no"
        if not self.only_words:
            return value
        self._fault(node, f"write the word {word}, not {node.value}")
        return word

    def _fault(self, node: Node, message: str) -> None:
        self.faults.append(Fault(self.path, *_place(node), message))


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    try:
        return kind(text.replace("_", ""))
    except ValueError:
        return text  # a number for YAML only, such as 0x1F: whoever needs a number says so


def _place(node: Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1
