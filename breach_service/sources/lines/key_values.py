"""Lines of `name=value` (FortiGate, Stormshield, Sophos, SonicWall, auditd) and of Check Point's `name:"value"`.

A value is a word, or a text in quotes; a date and a time without quotes are one value. The first of several values of
one name is kept, as vendors write the telling one first.
"""

import re

_TAG = re.compile(r"^\s*(?:\[[\w .-]{1,40}\]|[\w.-]{1,40}:)\s+", re.ASCII)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
# Every name starts where no character of a name stands before it: each character is looked at once.
_NAME = r"(?<![\w.@/-])([A-Za-z_@][\w.@/-]{0,127})="
_QUOTED = r"\"((?:[^\"\\]|\\.)*)\""
_PAIR = re.compile(
    _NAME + r"(?:" + _QUOTED + r"|'([^']*)'|(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?= |$)|[^\s\"][^\s]*|))",
    re.ASCII | re.DOTALL,
)
_PAIR_BEFORE_COMMA = re.compile(_NAME + r"(?:" + _QUOTED + r"|'([^']*)'|([^\s,\"][^,]*|))", re.ASCII | re.DOTALL)
_COMMAS = re.compile(r"^\w{1,20}=[^,\s]{1,60},\w{1,40}=", re.ASCII)
_PAIR_BEFORE_BAR = re.compile(
    r"(?:^|\|)([A-Za-z_][\w.@/ -]{0,127})=" + r"(?:" + _QUOTED + r"|'([^']*)'|([^|]*))", re.ASCII
)
_BARS = re.compile(r"^\w{1,40}=[^|=]{0,200}\|\w{1,40}=", re.ASCII)
_DOUBLED = re.compile(r"=\"\"(?=[^\s,;\"])([^\"]{0,4000})\"\"", re.ASCII)
_BRACKETED = re.compile(r"([A-Za-z_][\w.@/ -]{0,127}):{1,2} ?" + _QUOTED, re.ASCII | re.DOTALL)


def pairs_in(text: str) -> dict[str, str]:
    """Every `name=value` of a line, separated by blanks, by commas as FortiGate can, or by bars as Check Point can.

    Names are as they are written; quotes that an export as CSV doubled are single ones.
    """
    read = _DOUBLED.sub(r'="\1"', text) if '=""' in text else text
    pattern = _PAIR_BEFORE_COMMA if _COMMAS.match(read) else _PAIR_BEFORE_BAR if _BARS.match(read) else _PAIR
    pairs: dict[str, str] = {}
    for name, quoted, single, bare in pattern.findall(read):
        value = unquoted(quoted) if quoted else single or bare.strip().rstrip(",;")
        if name not in pairs or not pairs[name]:
            pairs[name] = value.strip()
    return pairs


def is_line_of_pairs(text: str, pairs: dict[str, str]) -> bool:
    """True if the line is made of pairs, rather than a sentence in which one happens to stand."""
    first = next(iter(pairs), "")
    rest = _TAG.sub("", text, count=1)
    starts_with_one = bool(first) and rest.lstrip(" \t[({\"'").startswith(f"{first}=")
    return len(pairs) >= (2 if starts_with_one else 5)


def bracketed_pairs_in(text: str) -> dict[str, str]:
    r"""The members of Check Point's `[name:"value"; name:"value \]"; ]`."""
    pairs: dict[str, str] = {}
    for name, value in _BRACKETED.findall(text):
        pairs.setdefault(name.strip(), unquoted(value))
    return pairs


def unquoted(text: str) -> str:
    r"""A text from between quotes, without the backslashes before `"`, `\` and `]`."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: found[1] if found[1] in '"\\]' else found[0], text)
