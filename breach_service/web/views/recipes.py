"""A recipe, written in a little Markdown, as blocks that a page shows: headings, paragraphs, lists, configuration."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_FENCE = re.compile(r"^```(?P<about>[^\n]*)\n(?P<text>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_EMPHASIS = re.compile(r"(?<![\w*`])\*([^*`\n]+)\*(?![\w*])")
_ADDING = "breach-service source add "
_ITEM = re.compile(r"^(?:[-*]|\d+\.) +")


@dataclass(frozen=True)
class Piece:
    """A stretch of a paragraph."""

    text: str
    is_code: bool = False


@dataclass(frozen=True)
class Block:
    """One block; `items` holds its paragraphs (one, but for a list), `text` its configuration."""

    kind: Literal["heading", "text", "list", "code"]
    items: tuple[tuple[Piece, ...], ...] = ()
    text: str = ""
    about: str = ""
    """What stands behind the fence of a configuration: its language, and the file it belongs into."""


def blocks_of(markdown: str) -> tuple[Block, ...]:
    """The blocks of a recipe, in order; what is no heading, list or fence is a paragraph."""
    found: list[Block] = []
    at = 0
    for fence in _FENCE.finditer(markdown):
        found += _prose(markdown[at : fence.start()])
        about = fence["about"].strip().partition(" ")[2].strip()
        found.append(Block("code", text=fence["text"].rstrip("\n"), about=about))
        at = fence.end()
    return (*found, *_prose(markdown[at:]))


def without_adding(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """A recipe for somebody who has added the source already: what comes before the sender's own side is left out."""
    ends = [place for place, one in enumerate(blocks) if one.kind == "code" and one.text.startswith(_ADDING)]
    return blocks[ends[0] + 1 :] if ends and ends[0] + 1 < len(blocks) else blocks


def _prose(text: str) -> Iterator[Block]:
    for part in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in part.strip().splitlines() if line.strip()]
        if not lines:
            continue
        if lines[0].startswith("#"):
            yield Block("heading", (_pieces(lines[0].lstrip("# ")),))
            lines = lines[1:]
        if lines and _ITEM.match(lines[0]):
            yield Block("list", tuple(map(_pieces, _items(lines))))
        elif lines:
            yield Block("text", (_pieces(" ".join(lines)),))


def _items(lines: list[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        if _ITEM.match(line):
            items.append(_ITEM.sub("", line))
        else:
            items[-1] += f" {line}"
    return items


def _pieces(text: str) -> tuple[Piece, ...]:
    parts = _CODE.split(_EMPHASIS.sub(r"\1", text.replace("**", "")))
    return tuple(Piece(part, bool(place % 2)) for place, part in enumerate(parts) if part)
