"""Bodies that are no JSON: lines of text, pages, forms without a content type, and JSON that a template broke."""

import json
import re
from urllib.parse import parse_qsl

from breach_service.sources.general.titles import first_line, without_markup
from breach_service.sources.parts.payload import Record, decoded, unpacked
from breach_service.sources.parts.plain_text import plain_line
from breach_service.sources.request import Delivery

_LONGEST_READ = 200_000
_LONGEST_BROKEN = 20_000
_LONGEST_LINE = 600
_LONGEST_HEAD = 2000
_LEAST_LETTERS = 3
_MOST_PAIRS = 100
_UNREADABLE_SHARE = 0.05
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LETTER = re.compile(r"[^\W\d_]")
_FORM = re.compile(r"[\w.\[\]%-]{1,80}=[^&\s]*(?:&[\w.\[\]%-]{1,80}=[^&\s]*)+")
_PREFIX = re.compile(r"\[[^\W\d_][^\[\]{}\"\n]{0,60}\]\s+\S")
"""`[Fail2Ban] …`: a text, no list."""
_SUBJECT = re.compile(r"^(?:subject|objet|sujet) ?: *(\S.*)$", re.IGNORECASE | re.MULTILINE)
"""The subject of a mail that a script passes on with its head."""
_LINE_PAIR = re.compile(r"[\s>*•\-]*([^\W\d_][\w \-/.]{0,40}?)[\s*]*[:=][\s*]+(\S.{0,500})")
_BROKEN_PAIR = re.compile(
    r'"([^"\\\n]{1,80})"\s*:\s*(?:"((?:[^"\\]|\\.|"(?!\s*[,}\]\n]|\s*$))*)"|(-?\d[\d.]*|true|false))'
)


def text_record(text: str) -> Record | None:
    """A text as an object: the first line as its title, the rest as its summary, `Key: value` lines by their keys.

    None where it says nothing to a person.
    """
    plain = without_markup(text[:_LONGEST_READ]).strip()
    if not is_readable(plain):
        return None
    subject = _SUBJECT.search(plain[:_LONGEST_HEAD])
    title = plain_line(subject[1]) if subject else first_line(plain)
    rest = plain.split("\n", 1)[1].strip() if "\n" in plain else ""
    pairs = (
        found
        for line in rest.splitlines()[:_MOST_PAIRS]
        if (found := _LINE_PAIR.fullmatch(line[:_LONGEST_LINE].rstrip()))
    )
    return {**{found[1].strip(): found[2].strip(" *") for found in pairs}, "title": title, "summary": rest}


def is_readable(text: str) -> bool:
    """True for text in some language, False for what only looks like it."""
    if len(_LETTER.findall(text[:_LONGEST_READ])) < _LEAST_LETTERS:
        return False
    odd = len(_CONTROLS.findall(text)) + text.count("\ufffd")
    return odd <= _UNREADABLE_SHARE * len(text)


def text_in(delivery: Delivery) -> str:
    """The body as text in UTF-8, with a mark in another Unicode encoding, else in the encoding of Windows."""
    body = unpacked(delivery)[:_LONGEST_READ]
    marks = (b"\xff\xfe", b"\xfe\xff")
    if body.startswith(marks):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def records_in_text(text: str) -> list[Record]:
    """The objects of a body that is no list of objects; an empty list where it says nothing."""
    bare = text.strip("\ufeff \t\r\n\x00")
    if _FORM.fullmatch(bare[:_LONGEST_READ]):
        return [{name: decoded(value) for name, value in parse_qsl(bare, keep_blank_values=True, errors="replace")}]
    if bare[:1] in ("{", "[") and not _PREFIX.match(bare):
        return _salvaged(bare)
    value = _json_value(bare)
    texts = value if isinstance(value, list) else [value]
    records = [text_record(one) if isinstance(one, str) else None for one in texts]
    return [one for one in records if one is not None] if all(records) else []


def _json_value(text: str) -> object:
    """What a JSON text says; a text that is no JSON is itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _salvaged(text: str) -> list[Record]:
    """What can be saved of JSON that is cut off, or that a template broke by an unescaped quote; a list's texts."""
    value = _json_value(text)
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        records = [text_record(one) for one in value]
        return [one for one in records if one is not None] if all(records) else []
    if not isinstance(value, str):
        return []
    found = [
        (one[1], one[2] if one[2] is not None else one[3]) for one in _BROKEN_PAIR.finditer(text[:_LONGEST_BROKEN])
    ]
    pairs = {name: said.replace('\\"', '"').replace("\\n", "\n") for name, said in reversed(found[:_MOST_PAIRS])}
    return [pairs] if is_readable(" ".join(pairs.values())) else []
