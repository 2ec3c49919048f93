r"""IBM Log Event Extended Format: `LEEF:1.0|vendor|product|version|id|name=value<tab>name=value`.

https://www.ibm.com/docs/en/dsm?topic=overview-leef-event-components. Version 2.0 names the delimiter after the id, as
a character or as `x09`; rsyslog writes a tab as `#011`.
"""

import re
from dataclasses import dataclass

_HEADER = re.compile(r"\bLEEF: ?([12])(?:\.0)?\|" + r"([^|]*)\|" * 4)
_WITHOUT_MARK = re.compile(r"[12]\.0\|(?:[^|]{0,100}\|){4}")
_DELIMITER = re.compile(r"(?:0?x([0-9a-fA-F]{1,4})|([^\w\s=|])|(\\t|\t))?\|")
_AFTER_BAR = re.compile(r"\|[A-Za-z][\w.-]{0,127}=", re.ASCII)
_NAME = re.compile(r"\s*([A-Za-z0-9_][\w.\- ]{0,127})=", re.ASCII)


@dataclass(frozen=True)
class LeefEvent:
    """One event: the header, and its attributes by name."""

    vendor: str
    product: str
    version: str
    event_id: str
    fields: dict[str, str]


def leef_of(text: str) -> LeefEvent | None:
    """The event of a line, wherever its header ends; None where the line holds none."""
    if _WITHOUT_MARK.match(text):
        text = f"LEEF:{text}"
    start = text.find("LEEF:")
    header = _HEADER.search(text, start) if start >= 0 else None
    if header is None:
        return None
    version, vendor, product, product_version, event_id = (one.strip() for one in header.groups())
    rest, delimiter = text[header.end() :], "\t"
    named = _DELIMITER.match(rest) if version == "2" else None
    if named is not None:
        rest, delimiter = rest[named.end() :], _delimiter_of(named)
    return LeefEvent(vendor, product, product_version, event_id, _attributes_in(rest, delimiter))


def _delimiter_of(named: re.Match[str]) -> str:
    if named[1]:
        return chr(int(named[1], 16)) or "\t"
    return named[2] or "\t"


def _attributes_in(text: str, delimiter: str) -> dict[str, str]:
    if delimiter == "\t" and "\t" not in text:
        # Templates of Palo Alto and others put the sign of the header between the attributes as well.
        others = ("#011", "\\t", "^", *(["|"] if _AFTER_BAR.search(text) else []))
        delimiter = next((one for one in others if text.count(one) >= 1), "\t")
    fields: dict[str, str] = {}
    for part in text.split(delimiter):
        found = _NAME.match(part)
        if found is not None:
            name, value = found[1].strip(), part[found.end() :].strip()
            fields[name] = fields.get(name) or value
    return fields
