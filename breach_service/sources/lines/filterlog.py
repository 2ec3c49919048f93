"""The packet filter of pfSense and OPNsense: comma-separated values whose columns depend on IP version and protocol.

Raw Filter Log Format, in the pfSense documentation on docs.netgate.com; OPNsense writes the same and gives the label of
the rule in the fourth column.
"""

from dataclasses import dataclass

from breach_service.sources.parts.entities import address_of

_LEAST_COLUMNS = 9
_PROTOCOL = {"4": 16, "6": 12}
_ADDRESSES = {"4": 18, "6": 15}
_WITH_PORTS = frozenset({"tcp", "udp"})


@dataclass(frozen=True)
class FilteredPacket:
    """One packet and what was done with it."""

    rule: str
    """The tracker of the rule, its label, or its number."""
    interface: str
    action: str
    """`block`, `pass`, `reject`, `match`…"""
    direction: str
    protocol: str = ""
    source: str = ""
    destination: str = ""
    source_port: str = ""
    destination_port: str = ""


def packet_of(text: str) -> FilteredPacket | None:
    """The packet of one line; None for what is no such line."""
    columns = [one.strip() for one in text.split(",", 40)]
    if len(columns) < _LEAST_COLUMNS or columns[7] not in ("in", "out") or not columns[0].isdigit():
        return None
    rule = next((one for one in (columns[3], columns[0]) if one and one != "0"), "")
    packet = FilteredPacket(rule, columns[4], columns[6], columns[7])
    version = columns[8]
    if version not in _ADDRESSES:
        return packet
    first = _ADDRESSES[version]
    protocol = (columns + [""] * 40)[_PROTOCOL[version]].lower()
    padded = columns + [""] * 40
    source, destination = padded[first], padded[first + 1]
    if address_of(source) is None and address_of(destination) is None:
        return packet
    ports = padded[first + 2 : first + 4] if protocol in _WITH_PORTS else ["", ""]
    return FilteredPacket(rule, columns[4], columns[6], columns[7], protocol, source, destination, *ports)
