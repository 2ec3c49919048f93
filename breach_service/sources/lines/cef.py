r"""ArcSight Common Event Format: `CEF:0|vendor|product|version|id|name|severity|name=value name=value`.

https://www.microfocus.com/documentation/arcsight (CEF implementation standard): `\|` and `\\` in the header, `\=`,
`\n`, `\r` in values, values with blanks run to the next ` name=`. Check Point writes a blank after the colon, and
names its custom texts by `cs1Label`.
"""

import re
from dataclasses import dataclass

_HEADER = re.compile(r"\bCEF: ?\d{1,2}\|" + r"((?:[^|\\]|\\.)*)\|" * 5 + r"((?:[^|\\]|\\.)*)(?:\||$)", re.DOTALL)
# Some parsers of syslog take the mark for the name of a program and cut it off.
_WITHOUT_MARK = re.compile(r"\d\|(?:[^|]{0,100}\|){5}")
_NAME = re.compile(r"(?:(?<=\s)|^)([A-Za-z0-9_][\w.\-\[\]]{0,127})=", re.ASCII)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\n"}
_LABELLED = re.compile(r"(cs|cn|cfp|c6a|flexString|flexNumber|flexDate|deviceCustomDate)(\d)", re.ASCII)


@dataclass(frozen=True)
class CefEvent:
    """One event: the header, and the extension by name; custom members also by the name that their label gives."""

    vendor: str
    product: str
    version: str
    event_id: str
    name: str
    severity: str
    """0 to 10, 10 the worst, or a word."""
    fields: dict[str, str]


def cef_of(text: str) -> CefEvent | None:
    """The event of a line, wherever its header ends; None where the line holds none."""
    if _WITHOUT_MARK.match(text):
        text = f"CEF:{text}"
    start = text.find("CEF:")
    header = _HEADER.search(text, start) if start >= 0 else None
    if header is None:
        return None
    vendor, product, version, event_id, name, severity = (_plain(one).strip() for one in header.groups())
    fields = extension_in(text[header.end() :])
    if not vendor and product:
        # An empty member too many at the start, as some relays of Check Point write it.
        rest = text[header.end() :].partition("|")
        vendor, product, version, event_id, name = product, version, event_id, name, severity
        severity, fields = rest[0].strip(), extension_in(rest[2])
    return CefEvent(vendor, product, version, event_id, name, severity, fields)


def extension_in(text: str) -> dict[str, str]:
    """The extension by name, the first filled value of each; custom members also under their labels."""
    names = list(_NAME.finditer(text))
    ends = [*(one.start() for one in names[1:]), len(text)][: len(names)]
    fields: dict[str, str] = {}
    for found, end in zip(names, ends, strict=True):
        value = _plain(text[found.end() : end].strip())
        if value or found[1] not in fields:
            fields.setdefault(found[1], value)
            fields[found[1]] = fields[found[1]] or value
    return _with_labels(fields)


def _with_labels(fields: dict[str, str]) -> dict[str, str]:
    for name in [one for one in fields if one.endswith("Label")]:
        member, label = name.removesuffix("Label"), fields[name]
        if label and fields.get(member) and _LABELLED.fullmatch(member):
            fields.setdefault(label, fields[member])
    return fields


def _plain(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1] if found[1] in "|=\\" else found[0]), text)
