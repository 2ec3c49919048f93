"""The values of cells: days, yes and no, countries, mailboxes, addresses."""

import re
from datetime import date
from functools import lru_cache
from ipaddress import ip_interface

from babel import Locale

from breach_service.inventory_files.reading import plain

_NOTHING = frozenset({"", "-", "--", "—", "–", "/", "n/a", "na", "neant", "sans objet", "aucun", "aucune", "none"})
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_MAILBOX = re.compile(r"[^\s@<>,;]+@[^\s@<>,;.]+(\.[^\s@<>,;.]+)+")
_BETWEEN_ADDRESSES = re.compile(r"(?:\s|,|;|<br\s*/?>)+", re.IGNORECASE)


def is_nothing(text: str) -> bool:
    """True for a cell that says that there is nothing to say (a dash, « néant », « sans objet »)."""
    return plain(text) in _NOTHING


def said(text: str) -> str:
    """The text of a cell; empty where it says that there is nothing to say."""
    return "" if is_nothing(text) else text


def day_of(text: str) -> date | None:
    """The day of `25/05/2026`, `25.05.2026` or `2026-05-25`; None where it is none."""
    text = text.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(one) for one in found.groups())
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(one) for one in found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def yes_or_no(text: str) -> bool | None:
    """True, False, or None where it is neither."""
    word = plain(text)
    if word in ("oui", "o", "yes", "y", "vrai", "true", "x"):
        return True
    return False if word in ("non", "n", "no", "faux", "false") else None


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    found = {"usa": "US", "u.s.a": "US", "uk": "GB", "angleterre": "GB", "france metropolitaine": "FR"}
    for language in ("en", "fr"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"):
                found[plain(name)] = code
                found[code.casefold()] = code
    return found


def country_of(text: str) -> str | None:
    """The code (ISO 3166-1, two letters) of a country by its name in French or English or by its code; else None."""
    return _countries().get(plain(text))


def is_mailbox(text: str) -> bool:
    """True for one e-mail address."""
    return _MAILBOX.fullmatch(text.strip()) is not None


def addresses_of(text: str) -> tuple[list[str], list[str]]:
    """The IP addresses of a cell, as ranges of one, their mask left out; and what stands there and is none."""
    found, strange = [], []
    for word in filter(None, _BETWEEN_ADDRESSES.split(text.strip())):
        try:
            address = ip_interface(word).ip
        except ValueError:
            strange.append(word)
        else:
            found.append(f"{address}/{address.max_prefixlen}")
    return found, strange
