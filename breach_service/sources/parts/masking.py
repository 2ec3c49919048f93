"""Command lines and log lines without the obvious secrets in them, for everything that people and channels get to see.

What is masked is what names itself: `password=…`, `--token …`, `Authorization: …`, `https://user:…@host`. It is a
courtesy and no guarantee: the raw body keeps everything, and fewer people may read it.
"""

import re

MASK = "***"
_LONGEST_READ = 20_000

_NAMES = (
    r"pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|auth[-_]?key"
)
_VALUE = r"(?:\"[^\"]{1,500}\"?|'[^']{1,500}'?|[^\s\"',;&|)]{1,500})"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (
            r"(\bauthorization\"?\s{0,3}[=:]\s{0,3}[\"']?(?:bearer|basic|token|digest)?\s{0,3})[^\s\"']{4,}",
            rf"\1{MASK}",
        ),
        (r"\b((?:bearer|basic)\s{1,3})[a-z0-9._~+/=-]{12,}", rf"\1{MASK}"),
        (r"(\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{0,100}:)[^\s/@]{1,200}@", rf"\1{MASK}@"),
        # --db-password=…, --token …, DB_PASSWORD=…, "password": "…"
        (rf"(?<![\w-])(--?[\w-]{{0,30}}(?:{_NAMES})[\w-]{{0,20}}\s{{1,3}})(?!-){_VALUE}", rf"\1{MASK}"),
        (rf"((?<![a-z])[\w.-]{{0,30}}(?:{_NAMES})[\w-]{{0,20}}[\"']?\s{{0,2}}[=:]\s{{0,2}}){_VALUE}", rf"\1{MASK}"),
        (r"(\bsshpass\s{1,3}-p\s{0,3})\S{1,200}", rf"\1{MASK}"),
        (r"(\b(?:mysql|mysqldump|mariadb|mysqladmin)\b[^|;&]{0,200}?\s-p)[^\s-]\S{0,200}", rf"\1{MASK}"),
        (r"(\bcurl\b[^|;&]{0,200}?\s(?:-u|--user)[ =]?[^\s:]{1,100}:)\S{1,200}", rf"\1{MASK}"),
        (r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}", MASK),
    )
)


def masked(text: str) -> str:
    """The text, at most 20 000 characters of it, with what looks like a secret replaced by `***`."""
    text = text[:_LONGEST_READ]
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
