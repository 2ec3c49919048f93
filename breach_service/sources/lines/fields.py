"""The members of an event that came as named values (CEF, LEEF, `name=value`, JSON), whatever a vendor calls them."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from breach_service.domain.alert import Entity, EntityKind, EntityRole
from breach_service.sources.lines.log_event import connection_in_words, end_of, user_of
from breach_service.sources.parts.entities import address_of, entities_of
from breach_service.sources.parts.intrusion import Sides, sides_of
from breach_service.sources.parts.written_dates import written_instant, zone_of

Fields = Mapping[str, str]
"""Names in lower case."""


def words_in(text: str) -> tuple[str, ...]:
    """Names that are written in one text, with blanks between them."""
    return tuple(text.split())


_SOURCE = words_in(
    "srcip src src_ip source_ip sourceip source-address sourceaddress source.ip src-ip remip remoteip remote_ip"
    " client_ip clientip client-address saddr srcaddr userip user_ip attacker panospublicipv4 publicip rhost"
    " connsrcip address ip_address ipaddress addr source"
)
_DESTINATION = words_in(
    "dstip dst dst_ip dest_ip destip destinationip destination_ip destination-address destinationaddress destination.ip"
    " dst-ip locip target_ip targetip daddr dstaddr localip conndestip destination"
)
_SOURCE_PORT = words_in("srcport src_port spt s_port sport source-port sourceport source_port source.port")
_DESTINATION_PORT = words_in("dstport dst_port dpt dport destination-port destinationport dest_port destination.port")
_PROTOCOL = words_in("ipproto proto protocol transport protocol-id protocolname")
_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "47": "gre", "50": "esp", "58": "icmp6"}
_USERS = words_in(
    "user duser suser usrname username user_name user.name srcuser src_user dstuser dst_user susr uname acct account"
    " sourceuser sourceusername panossourceusername login xauthuser targetuser"
)
_FILES = words_in("filename fname file_name file filepath file_path file.name")
_HASHES = words_in("filehash sha256 file_hash filesha256 hash sha1sum sha1 md5 file.hash.sha256 sha256sum")
_DOMAINS = words_in("qname hostname sni dsthost dhost domainname botnetdomain panosurldomain domain_name")
_URLS = words_in("url request requesturl request_url uri")
_INSTANTS = words_in(
    "eventtime start rt timestamp @timestamp timegenerated timegeneratedhighresolution time_generated event_time"
    " devtime startime start_time time generated date end itime"
)
_ZONES = words_in("tz dtz timezone time_zone")


_ORIGIN = re.compile(
    r"(?:\b(?:from(?: (?:ip|host))?:?|(?:rhost|rip)=|src[ =:]|source[ =:]|client[ =:]|remote[ =:]|ip[ =:]|host[ =:]"
    r"|(?:source|client)(?: network)? address:)\s{0,3}['\"\[(<]?|\w\[|^)([0-9A-Fa-f:.]{3,64})",
    re.ASCII | re.IGNORECASE,
)
_USER = re.compile(
    r"\b(?:(?:user(?:name)?|account(?: name)?|administrator|utilisateur)(?: |=|: ?)['\"<\[]?"
    r"|(?:error|fail\w*) for ['\"])"
    r"([\w.@\\-]{1,128})",
    re.ASCII | re.IGNORECASE,
)
_NO_USERS = frozenset(
    {
        "from",
        "is",
        "was",
        "has",
        "name",
        "authentication",
        "login",
        "logged",
        "and",
        "not",
        "for",
        "failed",
        "account",
        "user",
        "activity",
    }
)


def lowered(pairs: Mapping[str, str]) -> dict[str, str]:
    """Pairs under lower-case names; the first filled value of each."""
    fields: dict[str, str] = {}
    for name, value in pairs.items():
        key = name.lower()
        fields[key] = fields.get(key) or value
    return fields


def first_of(fields: Fields, names: Iterable[str]) -> str:
    """The first of several members that is there and says something."""
    return next((value for name in names if (value := fields.get(name, "")) and value.lower() not in ("n/a", "-")), "")


def ends_of(fields: Fields) -> tuple[str, str]:
    """Source and destination as addresses; empty where they are none."""
    return _address(fields, _SOURCE), _address(fields, _DESTINATION)


def _address(fields: Fields, names: Iterable[str]) -> str:
    for name in names:
        value = fields.get(name, "")
        if not value:
            continue
        # SonicWall writes address, port and interface in one value.
        found = _canonical(value)
        if found:
            return found
    return ""


@lru_cache(maxsize=4096)
def _canonical(value: str) -> str:
    return address_of(value) or address_of(value.partition(":")[0] if "." in value else "") or ""


def sides_in(fields: Fields) -> Sides:
    """Which of the two ends is ours."""
    return sides_between(*ends_of(fields))


def sides_between(source: str, destination: str) -> Sides:
    """Which of two addresses is ours; an address that stands alone as a source is the other side."""
    if source and not destination:
        return Sides("", source)
    return sides_of({"src_ip": source, "dest_ip": destination})


def origin_in(sentence: str) -> str:
    """The address that a sentence says something comes from; empty where it says none."""
    told = (_canonical(found[1].rstrip(".:")) for found in _ORIGIN.finditer(sentence[:2000]))
    return next(filter(None, told), "")


def user_in_sentence(sentence: str) -> str:
    """The user that a sentence names; empty where it names none."""
    named = (found[1] for found in _USER.finditer(sentence[:2000]))
    people = (one for one in named if one.lower() not in _NO_USERS and address_of(one) is None)
    return next(people, "").rstrip(".")


def connection_of(fields: Fields, action: str) -> str:
    """What was done with which connection, in words."""
    source, destination = ends_of(fields)
    protocol = first_of(fields, _PROTOCOL)
    return connection_in_words(
        action,
        _PROTOCOLS.get(protocol, "" if protocol.isdigit() else protocol.partition("/")[0]),
        end_of(source, first_of(fields, _SOURCE_PORT)),
        end_of(destination, first_of(fields, _DESTINATION_PORT)),
    )


def user_in(fields: Fields, role: EntityRole | None = None) -> Entity | None:
    """The user that the event names."""
    return user_of(first_of(fields, _USERS), role)


def things_in(fields: Fields) -> tuple[Entity, ...]:
    """Files, their hashes, names and addresses of pages that the event names."""
    names = [value for name in _DOMAINS if (value := fields.get(name, "")) and "." in value and not address_of(value)]
    urls = [value for name in _URLS if (value := fields.get(name, "")).startswith(("http://", "https://"))]
    return (
        *entities_of(EntityKind.FILE, [first_of(fields, _FILES)]),
        *entities_of(EntityKind.FILE_HASH, [first_of(fields, _HASHES)]),
        *entities_of(EntityKind.DOMAIN, names),
        *entities_of(EntityKind.URL, urls[:1]),
    )


def instant_in_fields(fields: Fields, received_at: datetime) -> datetime | None:
    """When it happened, with the zone that another member gives; None where nothing says the zone."""
    zone = zone_of(first_of(fields, _ZONES))
    for name in _INSTANTS:
        if fields.get(name) and (found := written_instant(fields[name], received_at, zone)) is not None:
            return found
    day, clock = fields.get("date", ""), fields.get("time", "")
    return written_instant(f"{day} {clock}", received_at, zone) if day and clock else None


def labels_of_fields(fields: Fields, names: Iterable[str]) -> dict[str, str]:
    """Some members, by their own names, as labels."""
    return {name: fields[name] for name in names if fields.get(name)}
