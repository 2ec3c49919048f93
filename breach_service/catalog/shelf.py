"""The documents of a catalogue on their way to models, and every fault met on the way."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from breach_service.catalog.checks import Loaded, Part, faults_in_texts
from breach_service.catalog.documents import Document, Where, read_document
from breach_service.catalog.faults import Fault, did_you_mean
from breach_service.catalog.wording import faults_of

REQUIRED_FILES = ("facts.yaml", "grouping.yaml", "signals.yaml")
FILES = (*REQUIRED_FILES, "ladders.yaml", "urgency.yaml", "precedents.yaml", "authorities.yaml")
"""What else may be there is not missed: content that was put in force before there were precedents is content."""
FOLDERS = ("drills", "inventory", "regimes", "responses", "rules")
"""Each holds any number of `.yaml` files."""
REQUIRED_FOLDERS = ("regimes", "rules")
"""Each needs at least one file."""


def load(
    model: type[Part], document: Document, data: Any, where: Where = ()
) -> tuple[Loaded[Part] | None, list[Fault]]:
    """Validate one part of a document: the part, or every fault of its form; empty texts are faults too."""
    try:
        loaded = Loaded(model.model_validate(data), document, where)
    except ValidationError as error:
        return None, list(faults_of(error, document, where, model))
    return loaded, list(faults_in_texts(loaded))


class Shelf:
    """Every document, parsed; its methods load them and add to `faults` what they could not.

    `parsed`: what `as_parsed` gave for the same texts; they are not parsed again, and places are not known.
    """

    def __init__(self, texts: Mapping[str, str], parsed: str = "") -> None:
        self.faults: list[Fault] = []
        self._parsed: Mapping[str, Any] = json.loads(parsed) if parsed else {}
        self._documents: dict[str, Document] = {}
        self._present: set[str] = set()
        for path in sorted(texts):
            self._put(path, texts[path])
        self._look_for_what_is_missing()

    def document(self, path: str) -> Document | None:
        """The document of a path, None where it is missing or could not be parsed."""
        return self._documents.get(path)

    def as_parsed(self) -> str:
        """The plain data of all documents, as JSON."""
        return json.dumps({path: one.data for path, one in self._documents.items()}, ensure_ascii=False)

    def whole(self, model: type[Part], path: str) -> Loaded[Part] | None:
        """A file that is one part."""
        document = self._documents.get(path)
        return self._load(model, document, document.data) if document else None

    def folder(self, model: type[Part], folder: str) -> list[Loaded[Part]]:
        """The files of a folder, one part each, in the order of their names."""
        found = [self.whole(model, path) for path in self._documents if path.startswith(f"{folder}/")]
        return [one for one in found if one is not None]

    def entries(self, model: type[Part], path: str, among: Collection[str] = ()) -> list[Loaded[Part]]:
        """The entries of a file that maps ids to parts; `among` closes the list of ids."""
        document = self._documents.get(path)
        if document is None:
            return []
        found = []
        for name, entry in document.data.items():
            if among and name not in among:
                message = f"the service knows no {name}{did_you_mean(name, among) or ': remove it'}"
                self.faults.append(document.fault_at_key((name,), message))
            else:
                found.append(self._entry(model, document, name, entry))
        return [one for one in found if one is not None]

    def _put(self, path: str, text: str) -> None:
        folder, _, name = path.rpartition("/")
        if path not in FILES and not (folder in FOLDERS and name.endswith(".yaml")):
            hint = did_you_mean(path, FILES) or ": move it away"
            self.faults.append(Fault(path, 1, 1, f"no content is read from here{hint}"))
            return
        self._present.add(folder or path)
        if path in self._parsed:
            self._documents[path] = Document(path, self._parsed[path], {}, {(): (1, 1)})
            return
        document, faults = read_document(path, text, only_words=folder != "inventory")
        self.faults += faults
        if document is None:
            return
        if not isinstance(document.data, dict):
            self.faults.append(document.fault((), "a file holds named fields: write a name, a colon, a value"))
            return
        self._documents[path] = document

    def _look_for_what_is_missing(self) -> None:
        for path in REQUIRED_FILES:
            if path not in self._present:
                self.faults.append(Fault(path, 1, 1, "this file is missing: put it back"))
        for folder in REQUIRED_FOLDERS:
            if folder not in self._present:
                self.faults.append(Fault(folder, 1, 1, f"there are no {folder}: put at least one file there"))

    def _entry(self, model: type[Part], document: Document, name: str, entry: Any) -> Loaded[Part] | None:
        if not isinstance(entry, dict):
            self.faults.append(document.fault_at_key((name,), f"{name} holds fields below it, indented"))
            return None
        if "id" in entry:
            message = f"the name {name} is the id already: remove this line"
            self.faults.append(document.fault_at_key((name, "id"), message))
        return self._load(model, document, {**entry, "id": name}, (name,))

    def _load(self, model: type[Part], document: Document, data: Any, where: Where = ()) -> Loaded[Part] | None:
        loaded, faults = load(model, document, data, where)
        self.faults += faults
        return loaded
