"""Text from outside, made safe to store and to show: no control characters, no broken encodings, a sane length."""

import re

TITLE_LIMIT = 300
"""Characters of a title."""
SUMMARY_LIMIT = 2000
"""Characters of a summary."""
VALUE_LIMIT = 500
"""Characters of a label's value, or of an entity's."""

# Besides controls: lone surrogates, which no encoding can write, and what turns the direction of writing, which can
# make a file name read backwards.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|\x85|\u2028|\u2029")


def plain_text(text: str, limit: int = SUMMARY_LIMIT) -> str:
    """The text on its lines, at most `limit` characters, the last one an ellipsis where it was cut."""
    if len(text) <= limit and text.isprintable():
        return text.strip()
    # Cut before cleaning as well: the time spent is then bounded by the limit, not by the sender.
    text = text[: 8 * limit]
    # Nothing of what is unwanted is printable.
    clean = (text if text.isprintable() else _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))).strip()
    return clean if len(clean) <= limit else clean[: limit - 1].rstrip() + "…"


def plain_line(text: str, limit: int = TITLE_LIMIT) -> str:
    """The text on one line, at most `limit` characters, runs of white space as one space."""
    if len(text) <= limit and text.isprintable():
        return " ".join(text.split()) if "  " in text else text.strip()
    return plain_text(" ".join(plain_text(text, 4 * limit).split()), limit)


_LINK = re.compile(r"https?://[^\s<>\"']{1,2000}", re.IGNORECASE)


def link_of(text: str) -> str:
    """The address of a page, http or https only; empty for everything else, which no page may link to."""
    clean = text.strip()
    return clean if clean and _LINK.fullmatch(clean) else ""
