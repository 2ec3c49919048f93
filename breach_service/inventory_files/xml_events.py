"""XML read piece by piece: no tree is built, and nothing that declares entities or a document type is read."""

from collections.abc import Iterable
from typing import Protocol
from xml.parsers import expat

from breach_service.inventory_files.faults import Unreadable
from breach_service.inventory_files.limits import DEEPEST
from breach_service.inventory_files.words import FaultKind


class Listener(Protocol):
    """What is told of a document, in its order; names are local (`table-cell`), without their name space."""

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def closed(self, name: str) -> None:
        """An element ends."""

    def said(self, text: str) -> None:
        """Text between elements; a run may come in several pieces."""


def listen(chunks: Iterable[bytes], listener: Listener, part: str) -> None:
    """Read a document and tell the listener. Raises Unreadable for what is not well-formed or declares anything."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0

    def refuse(*_: object) -> None:
        raise Unreadable(FaultKind.HAS_ENTITIES)

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Unreadable(FaultKind.BROKEN, part)
        listener.opened(_local(name), {_local(key): value for key, value in attributes.items()})

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        listener.closed(_local(name))

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = listener.said
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Unreadable(FaultKind.BROKEN, f"{part}, {error}") from error


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
