"""Personal data in the words of an alert: which kinds, and how many different ones; never which.

Patterns find what may be one, a check that is made for it decides: check digits of IBAN, NIR and card (python-stdnum),
numbering plans (phonenumbers), the syntax of addresses (email-validator, which asks no name server here). A match says
that the text shows such data, not that a system lost them.

IP addresses are no kind here. They can be personal data (CJEU, C-582/14), but nearly every alert names one as what it
is about, and it is kept as such: a count of them would say the same of every incident. For the same reason addresses
that belong to a function and not to a person (`noreply@`, `contact@`, `root@`) are left out: see recital 14 of the GDPR
for those of a legal person. SIREN and other numbers of nine digits are left out: too much looks like one.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from breach_service.domain.personal_forms import (
    CARD,
    EMAIL,
    IBAN,
    IBAN_LENGTHS,
    NIR,
    PHONE,
    POSTAL_ADDRESS,
    is_numbered,
    is_person,
)


class DataKind(StrEnum):
    """What is looked for; the words of the fact `data.seen_in_alerts`."""

    EMAIL = "email"
    """The mail address of a person."""
    PHONE = "phone"
    """A French telephone number, or one that is written with the code of its country."""
    IBAN = "iban"
    CARD = "card"
    """A payment card of 15 or 16 digits."""
    NIR = "nir"
    """The French social security number, with its key."""
    POSTAL_ADDRESS = "postal_address"
    """A French address with number, street, post code and town."""


SEEN_IN_ALERTS = "data.seen_in_alerts"
"""The fact that holds the kinds which the alerts of an incident show."""
HEAD, TAIL = 6_000, 2_000
"""Characters looked at: the beginning says what happened, the end is where a request or an export is quoted."""
MOST_CHECKED = 300
"""Candidates of one kind that are checked in one text, so that a text made of them costs no more."""
_SEPARATORS = str.maketrans("", "", " .-/()\u00a0\u202f")


def kinds_in(text: str) -> Mapping[DataKind, int]:
    """How many different values of each kind a text shows; kinds that it does not show are left out.

    Of a long text the first 6,000 and the last 2,000 characters are looked at.
    """
    looked_at = capped(text)
    return {kind: len(values) for kind, values in _scan(looked_at)[1].items()} if may_hold(looked_at) else {}


def masked(text: str) -> str:
    """The text, as far as it is looked at, with the kind in brackets in place of each value."""
    looked_at = capped(text)
    return _scan(looked_at)[0] if may_hold(looked_at) else looked_at


def may_hold(text: str) -> bool:
    """False where there is certainly nothing; takes a few microseconds, and most alerts end here."""
    if _may_be_mail(text) or "%2B" in text or "%2b" in text:
        return True
    raw = text.encode("utf-8", "replace")
    joined = raw.translate(_CLASSES, _SEPARATING)
    if any(one in joined for one in _NUMBERS):
        return True
    spaced = raw.translate(_CLASSES, _HALF_SPACES)
    return any(one in spaced for one in _TOWNS)


def _classes() -> bytes:
    """Digits as 0, A and B as a, spaces as such, a plus as such, all other letters as x."""
    table = bytearray(b"." * 256)
    for byte in range(256):
        if (chr(byte).isascii() and chr(byte).isalpha()) or byte >= 0x80:
            table[byte] = ord("a" if chr(byte) in "ABab" else "x")
        elif chr(byte).isdigit():
            table[byte] = ord("0")
        elif chr(byte).isspace():
            table[byte] = ord(" ")
    table[0xA0] = table[0xAF] = ord(" ")  # the ends of the no-break spaces
    table[ord("+")] = ord("+")
    return bytes(table)


_CLASSES = _classes()
_HALF_SPACES = b"\xc2\xe2\x80"
"""What the no-break spaces begin with in UTF-8."""
_SEPARATING = b" .-/()\xa0\xaf" + _HALF_SPACES
_NUMBERS = (b"0" * 9, b"+" + b"0" * 8, b"0a000000")
"""In a text without separators: telephone, card, NIR, IBAN; a number with the code of its country; a NIR of Corsica."""
_TOWNS = tuple(b"00000" + b" " * spaces + letter for spaces in (1, 2, 3) for letter in (b"x", b"a"))


def capped(text: str) -> str:
    """The part of a text that is looked at."""
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n…\n{text[-TAIL:]}"


Read = Callable[[re.Match[str]], tuple[str, int] | None]
"""What a candidate is: its value in one form however it was written, and where it ends; None where it is none."""


def _scan(text: str) -> tuple[str, Mapping[DataKind, set[str]]]:
    """The masked text, and the values by kind. A span is one thing only: a NIR may have the check digit of a card."""
    found: dict[DataKind, set[str]] = {}
    for kind, pattern, read, may_show in _FINDERS:
        if not may_show(text):
            continue
        text, values = _scan_for(text, kind, pattern, read)
        if values:
            found[kind] = values
    return text, {kind: found[kind] for kind in DataKind if kind in found}


def _scan_for(text: str, kind: DataKind, pattern: re.Pattern[str], read: Read) -> tuple[str, set[str]]:
    values: set[str] = set()
    checked = 0

    def mask(match: re.Match[str]) -> str:
        nonlocal checked
        checked += 1
        known = read(match) if checked <= MOST_CHECKED else None
        if known is None:
            return match[0]
        value, end = known
        values.add(value)
        return f"[{kind}]{match[0][end - match.start() :]}"

    return pattern.sub(mask, text), values


def _compact(text: str) -> str:
    return text.translate(_SEPARATORS)


def _email(match: re.Match[str]) -> tuple[str, int] | None:
    from email_validator import EmailNotValidError, validate_email  # only here: most processes never need it

    address = match[0].replace("%40", "@")
    if not is_person(match):
        return None
    try:
        checked = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return None
    return checked.normalized.lower(), match.end()


def _iban(match: re.Match[str]) -> tuple[str, int] | None:
    from stdnum import iban

    length = IBAN_LENGTHS.get(match[0][:2].upper())
    if length is None:
        return None
    end, taken = match.start(), 0
    for character in match[0]:
        end += 1
        taken += character.isalnum()
        if taken == length:
            break
    number = _compact(match.string[match.start() : end]).upper()
    is_whole = taken == length and not match.string[end : end + 1].isalnum() and len(set(number[4:])) > 2
    return (number, end) if is_whole and iban.is_valid(number) else None


def _nir(match: re.Match[str]) -> tuple[str, int] | None:
    from stdnum.fr import nir

    number = _compact(match[0]).upper()
    is_known = not is_numbered(match) and nir.is_valid(number)
    return (number, match.end()) if is_known else None


def _card(match: re.Match[str]) -> tuple[str, int] | None:
    from stdnum import luhn

    number = _compact(match[0])
    is_known = not is_numbered(match) and len(set(number)) > 1 and luhn.is_valid(number)
    return (number, match.end()) if is_known else None


_OVERSEAS = {
    "0262": "RE", "0263": "RE", "0692": "RE", "0693": "RE", "0590": "GP", "0690": "GP", "0691": "GP", "0594": "GF",
    "0694": "GF", "0596": "MQ", "0696": "MQ", "0697": "MQ", "0269": "YT", "0639": "YT",
}  # fmt: skip
"""Numbers written as in France for which other country codes than +33 stand, by their beginning."""
_LAST_GROUP = re.compile(r"[^0-9]+[0-9]+$")


def _phone(match: re.Match[str]) -> tuple[str, int] | None:
    if match["home"]:
        number = _compact(match[0])
        if is_numbered(match):
            return None
        valid = _valid_phone(number, "FR") or _valid_phone(number, _OVERSEAS.get(number[:4], "FR"))
        return (valid, match.end()) if valid else None
    said = match[0]
    for _ in range(4):  # the last groups may belong to another number
        valid = _valid_phone(said.replace("%2B", "+").replace("%2b", "+"), "FR")
        if valid or not _LAST_GROUP.search(said):
            return (valid, match.start() + len(said)) if valid else None
        said = _LAST_GROUP.sub("", said)
    return None


def _valid_phone(text: str, region: str) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _postal(match: re.Match[str]) -> tuple[str, int] | None:
    return " ".join(match[0].lower().split()), match.end()


_GAPS = r"[ .\-/()\u00a0\u202f]"
_MAY_BE_IBAN = re.compile(r"(?:[A-Z]{2}|fr)[0-9]{2}(?:[ \-\u00a0\u202f]?[A-Za-z0-9]){11}")
_MAY_BE_PHONE = re.compile(
    rf"0[1-79](?:{_GAPS}?[0-9]){{8}}|(?:\+|%2[Bb]|00)[1-9](?:[ .\-/()\u00a0\u202f]{{0,3}}[0-9]){{7}}"
)
_TOWN = re.compile(r"[0-9]{5}\s{1,3}[^\W\d_]")
_LONG_NUMBER = re.compile(r"[0-9](?:[ .\-/\u00a0\u202f]{0,3}[0-9ABab]){13}")


def _may_be_mail(text: str) -> bool:
    return "@" in text or "%40" in text


def _has_long_number(text: str) -> bool:
    return _LONG_NUMBER.search(text) is not None


def _may_name_a_town(text: str) -> bool:
    return _TOWN.search(text) is not None


def _may_be_iban(text: str) -> bool:
    return _MAY_BE_IBAN.search(text) is not None


def _may_be_phone(text: str) -> bool:
    return _MAY_BE_PHONE.search(text) is not None


_FINDERS: tuple[tuple[DataKind, re.Pattern[str], Read, Callable[[str], bool]], ...] = (
    (DataKind.EMAIL, EMAIL, _email, _may_be_mail),
    (DataKind.IBAN, IBAN, _iban, _may_be_iban),
    (DataKind.NIR, NIR, _nir, _has_long_number),
    (DataKind.CARD, CARD, _card, _has_long_number),
    (DataKind.PHONE, PHONE, _phone, _may_be_phone),
    (DataKind.POSTAL_ADDRESS, POSTAL_ADDRESS, _postal, _may_name_a_town),
)
"""In this order: what one takes is no candidate for the next. The last of each says cheaply that there is none."""
