"""Text as chats write it, made plain: links, mentions, marks, Markdown, emoji; and what these say of the state."""

import re

from breach_service.domain.alert import AlertStatus, Severity
from breach_service.sources.parts.plain_text import link_of, plain_text

_LINK = re.compile(r"<((?:https?|mailto|slack)[^<>|\s]*)(?:\|([^<>]*))?>")
_MENTION = re.compile(r"<[@#!]([^<>|]*)(?:\|([^<>]*))?>")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]{1,300})\]\((https?://[^()\s]{1,2000})\)")
_EMOJI = re.compile(r"(?<![\w:]):(?=[a-z0-9_+'-]*[a-z+])[a-z0-9_+'-]{2,40}:(?![\w:])")
_PICTURE = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0e\ufe0f\u200d\u203c\u2049\u2122\u2139\u231a-\u23ff\u25aa-\u25fe]"
)
_MARKS = re.compile(r"(?<![\w*_~`])(\*\*|__|\*|_|~~|~|`{1,3})(?=\S)(.{1,300}?)(?<=\S)\1(?![\w*_~`])", re.DOTALL)
_HEADING = re.compile(r"^\s{0,3}(?:#{1,6}|&gt;|>)\s+", re.MULTILINE)
_AFTER_BRACKET = re.compile(r"\[ +")
_BLANKS = re.compile(r"[ \t]{2,}")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_LONGEST_READ = 20_000

_GOOD = re.compile(
    "[\u2705\u2714\U0001f7e2\U0001f49a\U0001f44d]|:(?:white_check_mark|heavy_check_mark|large_green_circle|ok):"
)
_BAD = re.compile(
    "[\U0001f534\U0001f6a8\U0001f525\u274c\u26d4]|:(?:red_circle|rotating_light|fire|x|no_entry|bangbang):"
)
_UNSURE = re.compile("[\u26a0\U0001f7e1\U0001f7e0]|:(?:warning|large_yellow_circle|large_orange_circle):")

_NAMED_COLORS = {
    "danger": "bad",
    "attention": "bad",
    "red": "bad",
    "warning": "unsure",
    "orange": "unsure",
    "yellow": "unsure",
    "good": "good",
    "green": "good",
}
_HEX = re.compile(r"(?:#|0x)?([0-9a-f]{6})", re.IGNORECASE)
_STRONG, _WEAK = 130, 120


def plain_chat(text: str) -> str:
    """The text without marks, with the words of links instead of their addresses."""
    plain = text[:_LONGEST_READ]
    plain = _LINK.sub(lambda found: found[2] or found[1], plain)
    plain = _MENTION.sub(lambda found: found[2] or found[1], plain)
    plain = _MARKDOWN_LINK.sub(r"\1", plain)
    plain = _EMOJI.sub("", _PICTURE.sub("", plain))
    plain = _MARKS.sub(r"\2", _MARKS.sub(r"\2", _HEADING.sub("", plain)))
    plain = _AFTER_BRACKET.sub("[", plain)
    for escape, character in _ESCAPES:
        plain = plain.replace(escape, character)
    return plain_text("\n".join(_BLANKS.sub(" ", line).strip() for line in plain.splitlines()))


def first_link(text: str) -> str:
    """The address of the first link in a text, empty where there is none."""
    places = ((pattern.search(text[:_LONGEST_READ]), group) for pattern, group in ((_LINK, 1), (_MARKDOWN_LINK, 2)))
    links = ((found.start(), link_of(found[group])) for found, group in places if found)
    return next((link for _, link in sorted(links) if link), "")


def mood_of_color(color: str | int) -> str:
    """`good`, `unsure` or `bad` for the colour of a message, a name, hexadecimal or a number; empty for all else."""
    if isinstance(color, int):
        color = f"{color:06x}" if 0 <= color <= 0xFFFFFF else ""
    named = _NAMED_COLORS.get(color.strip().lower())
    found = None if named else _HEX.fullmatch(color.strip())
    if named or found is None:
        return named or ""
    red, green, blue = (int(found[1][place : place + 2], 16) for place in (0, 2, 4))
    if red >= _STRONG and green < _WEAK and blue < _WEAK:
        return "bad"
    if red >= _STRONG and green >= _WEAK and blue < _WEAK:
        return "unsure"
    return "good" if green >= _WEAK and green > red and green > blue else ""


def mood_of_emoji(text: str) -> str:
    """The same for the first picture in a text."""
    found = [
        (at.start(), mood)
        for mood, one in (("good", _GOOD), ("bad", _BAD), ("unsure", _UNSURE))
        if (at := one.search(text))
    ]
    return min(found)[1] if found else ""


SEVERITY_OF_MOOD = {"bad": Severity.HIGH, "unsure": Severity.MEDIUM}
STATUS_OF_MOOD = {"good": AlertStatus.RESOLVED}
