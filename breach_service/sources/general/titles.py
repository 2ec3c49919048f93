"""What a person should read first of a body of unknown shape, and a few lines more."""

import re

from breach_service.sources.general import key_names
from breach_service.sources.general.key_names import listed
from breach_service.sources.general.leaves import Leaf, Leaves
from breach_service.sources.parts.plain_text import plain_line, plain_text

_WORD = re.compile(r"[^\W\d_]{2,}")
_ADDRESS_OF_PAGE = re.compile(r"(?:https?|ftp|arn|urn|mailto):\S*", re.IGNORECASE)
_MACHINE_ID = re.compile(r"(?=\S*\d)[0-9a-fA-F:._-]{8,}|[0-9a-fA-F-]{32,}|\d[\d.:TZ+ /-]*|\S{60,}")
_HOST_LIKE = re.compile(r"(?=\S*\d)(?=\S*[.-])[A-Za-z0-9]+(?:[-.][A-Za-z0-9]+)*", re.ASCII)
_DOTTED = re.compile(r"[a-z0-9_-]+(?:[.:][a-z0-9_-]+)+", re.ASCII)
_CVE = re.compile(r"CVE-\d{4}-\d{4,}", re.IGNORECASE)
_ONLY_THE_SENDER = re.compile(r"\S+ (?:alerte?|notification|event|incident|webhook|message)s?", re.IGNORECASE)
_EMAIL = re.compile(r"\S+@\S+\.\S+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MARKUP = re.compile(r"<[^<>]{1,200}>")
_RULER = " \t*#-=_.!~"
# What says only that something was said.
_EMPTY_WORDS = frozenset(
    listed(
        "alert alerts alerte event evenement incident notification webhook message finding issue problem"
        " detection trigger firing resolved open opened closed created updated triggered new active error"
        " warning critical high medium low info success failure failed ok up down true false null none unknown"
        " undefined start end yes no n/a post generic default custom json alert.created alert.updated"
        " alert.resolved incident.created incident.triggered"
    )
) | {"new error"}
_LONGEST_READ = 20_000
_ENOUGH_WORDS = 3
_MOST_WORDS = 12
_MOST_LINES = 100
_MOST_CANDIDATES = 500
_SAID_AT_ONCE = 4
_LONGEST_NAME = 60
_RUNS = ("jobname", "componentname")
"""What runs and ends, well or not; what a page of states is about."""
_WORDS_OF_CLASSES = frozenset(listed("event eventtype alerttype type category kind"))
"""Names under which a single word tells only of which sort a thing is: what is deeper inside says more."""
_HEADING = re.compile(r".{1,80}:|\S{2,40} @ \S{2,80}")
"""A line that announces the next: `New alerts:`, `TrueNAS @ nas-01`."""
_EMPHASIS = re.compile(r"^(?:\*{1,3}|#{1,6} )|\*{1,3}$")
_BULLET = re.compile(r"^\s*(?:[*•-]\s+)?")
_SENTENCES = key_names.listed("summary message description reason")


def title_in(leaves: Leaves) -> str:
    """What a person should read first: what calls itself a title, else what is most telling; empty where nothing is."""
    plain = leaves.found(["title"], lambda leaf: plain_line(leaf.text) or None if leaf.path == ("title",) else None)
    if plain and leaves.all[0].depth == 0 and any(leaf.key == "title" for leaf in leaves.all):
        return plain
    titled = leaves.found(key_names.TITLES, _saying_line)
    named = titled or _headline(leaves) or leaves.found((*key_names.TITLES, *key_names.HEADLINES), telling_line)
    if named and " " not in named:
        named = leaves.found(_SENTENCES, _saying_line) or _with_state(named, leaves)
        named = _spaced(named)
    if named and named == plain_line(leaves.text(_RUNS)):
        ended = plain_line(leaves.text((*key_names.STATUSES, "result")), _LONGEST_NAME)
        named = f"{named}: {ended}" if _WORD.search(ended) else named
    return named or _most_telling(leaves) or _all_in_one_line(leaves)


def _spaced(name: str) -> str:
    """`uptimeCheckFailedNotification` and `HIGH_CPU_LOAD` as the words they are made of; `DiskFull` as it is."""
    is_constant = (name.isupper() or name.islower()) and name.replace("_", "").isalnum()
    words = (name.replace("_", " ") if is_constant else _HUMPS.sub(" ", name)).split()
    is_camel = name.isalnum() and name[0].islower()
    return " ".join(words).capitalize() if len(words) >= _ENOUGH_WORDS and (is_constant or is_camel) else name


def _headline(leaves: Leaves) -> str | None:
    """What says most of what has no title, behind the name of what it is about where that is a mere host."""
    line = leaves.found(key_names.HEADLINES, _headline_of)
    name = leaves.text(["name"])
    is_bare = bool(line and name and len(name) < _LONGEST_NAME and _DOTTED.fullmatch(name) and name not in line)
    return f"{name}: {line}" if is_bare else line


def _headline_of(leaf: Leaf) -> str | None:
    line = _saying_line(leaf)
    return None if line and " " not in line and leaf.path[-1] in _WORDS_OF_CLASSES else line


def _with_state(name: str, leaves: Leaves) -> str:
    """A bare name with the state in which the thing is."""
    state = leaves.found(key_names.STATUSES, lambda leaf: leaf.text if _WORD.search(leaf.text) else None) or ""
    return f"{name}: {plain_line(state)}" if state and len(state) < _LONGEST_NAME and is_about(name) else name


def is_about(name: str) -> bool:
    """True for the name of a thing, to which a state can be said; not for `DiskFull`, which says it itself."""
    return not _CVE.fullmatch(name) and ("-" in name or "." in name or "/" in name or name.islower())


def _saying_line(leaf: Leaf) -> str | None:
    """A telling line that says more than who sends it."""
    line = telling_line(leaf)
    return line if line and not _ONLY_THE_SENDER.fullmatch(line) else None


def telling_line(leaf: Leaf) -> str | None:
    """The first line of a leaf, if it says something to a person."""
    if not isinstance(leaf.value, str) or key_names.SECRETS.search(leaf.path[-1]):
        return None
    line = first_line(leaf.text)
    if _CVE.fullmatch(line):
        return line
    is_telling = _WORD.search(line) and line.lower().strip(_RULER) not in _EMPTY_WORDS and not is_machine_word(line)
    return line if is_telling else None


def first_line(text: str) -> str:
    """The first line of a text that holds more than a ruler, without markup; behind what announces it."""
    lines = [line for line in without_markup(text).splitlines()[:_MOST_LINES] if line.strip(_RULER)]
    first = next(iter(lines), "")
    named = plain_line(_EMPHASIS.sub("", first.strip()))
    if not _HEADING.fullmatch(named):
        return named
    told = next((line for line in lines[1:] if not _HEADING.fullmatch(plain_line(line))), "")
    return plain_line(f"{named.removesuffix(':')}: {_BULLET.sub('', told)}") if told else named


def is_machine_word(text: str) -> bool:
    """True for what only machines read: ids, hashes, addresses of pages, dates, mail addresses, names of hosts."""
    return any(one.fullmatch(text) for one in (_ADDRESS_OF_PAGE, _MACHINE_ID, _EMAIL, _HOST_LIKE, _DOTTED))


def without_markup(text: str) -> str:
    """The text without the tags of HTML or XML."""
    return _MARKUP.sub(" ", text[:_LONGEST_READ]) if "<" in text and ">" in text else text


def _most_telling(leaves: Leaves) -> str:
    """The text with the most words among all; long ones gain nothing."""
    lines = [(leaf, line) for leaf in leaves.all[:_MOST_CANDIDATES] if (line := telling_line(leaf))]
    ranked = [(min(len(_WORD.findall(line)), _MOST_WORDS), -leaf.depth, line) for leaf, line in lines]
    words, _, line = max(ranked, key=lambda one: one[:2], default=(0, 0, ""))
    return line if words >= _ENOUGH_WORDS else ""


def _all_in_one_line(leaves: Leaves) -> str:
    """The first things that are said, each with its key."""
    said = [
        leaf
        for leaf in leaves.all
        if leaf.text and not key_names.SECRETS.search(leaf.path[-1]) and not _ADDRESS_OF_PAGE.fullmatch(leaf.text)
    ]
    if not any(isinstance(leaf.value, str) and _WORD.search(leaf.text) for leaf in said):
        return ""
    telling = [leaf for leaf in said if not is_machine_word(leaf.text) and not isinstance(leaf.value, bool)] or said
    pairs = (f"{plain_line(leaf.key, 40)}: {plain_line(leaf.text, 80)}" for leaf in telling[:_SAID_AT_ONCE])
    return plain_line(", ".join(pairs))


def summary_in(leaves: Leaves, title: str) -> str:
    """A few lines more, where there are any besides the title."""
    texts = (plain_text(without_markup(one)) for one in leaves.every(key_names.SUMMARIES, _longer_text))
    return next((text for text in texts if text and plain_line(text) != title), "")


def _longer_text(leaf: Leaf) -> str | None:
    is_secret = key_names.SECRETS.search(leaf.path[-1])
    return leaf.text if isinstance(leaf.value, str) and " " in leaf.text and not is_secret else None
