"""No-break spaces and apostrophes, put in by the machine so that authors write plain text.

French: U+00A0 before `:` and inside guillemets, U+202F before `; ! ? %`, no break inside `11 h 40`, `72 h`, `§ 2`,
`art. 33`. Only spaces that the author wrote are replaced, none is invented: addresses and times such as `11:40`
stay as they are.
"""

import re

NO_BREAK = "\u00a0"
NARROW = "\u202f"

_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[\w«%\[{])")
_FRENCH = (
    (re.compile(r" :(?=\s|$|[<\]])"), f"{NO_BREAK}:"),
    (re.compile(r"« "), f"«{NO_BREAK}"),
    (re.compile(r" »"), f"{NO_BREAK}»"),
    (re.compile(r" (?=[;!?€](?:\W|$)|%(?:[^(\w]|$))"), NARROW),  # never before the placeholder %(name)s
    (re.compile(r"(?<=\d) h (?=\d\d\b)"), f"{NO_BREAK}h{NO_BREAK}"),
    (re.compile(r"(?<=\d) (?=(?:h|min|j|Go|Mo)\b)"), NO_BREAK),
    (re.compile(r"(?<=[§°]) (?=\d)"), NO_BREAK),
    (re.compile(r"(?<=\bart\.) (?=\d)"), NO_BREAK),
    (re.compile(r"(?<=\barticle) (?=\d)"), NO_BREAK),
)


def typeset(text: str, language: str) -> str:
    """The text with the typography of its language; doing it twice changes nothing."""
    text = _APOSTROPHE.sub("’", text)
    if language == "fr":
        for pattern, replacement in _FRENCH:
            text = pattern.sub(replacement, text)
    return text
