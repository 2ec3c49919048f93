"""The things that a body of unknown shape names, by the names of the keys in which they stand."""

import re
from ipaddress import ip_address

from breach_service.domain.alert import Entity, EntityKind, EntityRole, Signal
from breach_service.sources.general import key_names
from breach_service.sources.general.key_names import listed
from breach_service.sources.general.leaves import Leaf, Leaves
from breach_service.sources.parts.entities import address_of, entity, gathered
from breach_service.sources.parts.intrusion import OWN_RANGES
from breach_service.sources.parts.plain_text import link_of

_ATTACKS = frozenset(
    {
        Signal.SCAN,
        Signal.BRUTE_FORCE,
        Signal.SUSPICIOUS_LOGIN,
        Signal.WEB_EXPLOIT,
        Signal.WEB_SHELL,
        Signal.PRIVILEGE_CHANGE,
        Signal.EXFILTRATION,
        Signal.ANOMALY,
    }
)
"""Of these a public address that nobody calls ours is where it came from."""
_SURELY_A_HOST = re.compile(
    r"(?=[A-Za-z])(?=\S*-\S*\d|\S*\d$|\S+\.\S+\.\S+)[A-Za-z0-9]+(?:[-.][A-Za-z0-9]+)+", re.ASCII
)
"""`web-01` and `web.example.fr`, not `shop` or `mail-gw`."""
_AGENT_NUMBER = re.compile(r"^\(\d+\)\s*-?\s*", re.ASCII)
"""`(001) - web-01`, as Wazuh writes an agent in a chat."""
_NO_NAME = re.compile(r"[\s\S]*[\s;,|\[\]{}<>][\s\S]*|\d+|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{20,}")
"""What stands under the name of a machine and is no name: sentences, numbers, ids."""
_BETWEEN = re.compile(r"\s*[,;|]\s*|\s+")
_SENTENCE = re.compile(r"\S+(?:\s+\S+){5,}")
_WORDS_FOR_NOBODY = frozenset(
    listed("true false yes no high low medium critical open closed resolved firing default any all * system")
)
_SHORTEST_ACCOUNT = 3
_LONGEST_READ = 2000
_MANY_NAMES = (
    (EntityKind.USER, key_names.USERS),
    (EntityKind.APPLICATION, key_names.APPLICATIONS),
    (EntityKind.ACCOUNT, key_names.ACCOUNTS),
    (EntityKind.FILE, key_names.FILES),
    (EntityKind.FILE_HASH, key_names.HASHES),
    (EntityKind.DOMAIN, key_names.DOMAINS),
    (EntityKind.PROCESS, key_names.PROCESSES),
)


def entities_in(leaves: Leaves, signal: Signal) -> tuple[Entity, ...]:
    """Everything that is named, the one who does it apart from the one to whom it happens."""
    sources = _addresses(leaves, key_names.SOURCE_ADDRESSES, EntityKind.SOURCE_ADDRESS)
    targets = _addresses(leaves, key_names.ADDRESSES, EntityKind.ADDRESS)
    others = [found for kind, names in _MANY_NAMES for found in _named(leaves, names, kind)]
    return gathered(
        _hosts(leaves), sources, targets, _bare_addresses(leaves, signal, sources, targets), others, _pages(leaves)
    )


def is_inside(address: str) -> bool:
    """True for an address that the internet does not route: it can only be one of ours."""
    found = ip_address(address)
    return any(found in network for network in OWN_RANGES)


def _hosts(leaves: Leaves) -> list[Entity | None]:
    addresses: list[Entity | None] = []
    for name in leaves.groups(key_names.HOSTS):
        found = [
            entity(EntityKind.HOST, part) for leaf in name for part in _parts(leaf.text) if not _NO_NAME.fullmatch(part)
        ]
        if any(one is not None and one.kind is EntityKind.HOST for one in found):
            return [*found, *addresses]
        # What is called a host may be the address of what the next is the name of.
        addresses = addresses or found
    # The source of an event of Graylog is the server that found it; that of the messages behind it is the machine.
    names = ("backlogsource",) if leaves.text(["eventdefinitionid"]) else key_names.WEAK_HOSTS
    weak = (_AGENT_NUMBER.sub("", leaf.text) for group in leaves.groups(names) for leaf in group)
    return [entity(EntityKind.HOST, name) for name in weak if _SURELY_A_HOST.fullmatch(name)][:1] + addresses


def _parts(text: str) -> list[str]:
    """The members of `web-01, web-02`; a sentence has none."""
    short = " ".join(text[:_LONGEST_READ].split())
    return [] if _SENTENCE.fullmatch(short) else [part for part in _BETWEEN.split(short) if part]


def _addresses(leaves: Leaves, names: tuple[str, ...], kind: EntityKind) -> list[Entity]:
    for group in leaves.groups(names):
        found = [entity(kind, part) for leaf in group for part in _parts(leaf.text)]
        if held := [one for one in found if one is not None]:
            return held
    return []


def _bare_addresses(leaves: Leaves, signal: Signal, sources: list[Entity], targets: list[Entity]) -> list[Entity]:
    """Addresses called only `ip`: ours where they are private or nothing attacks, else where it came from."""
    known = {one.value for one in (*sources, *targets)}
    texts = [part for leaf in leaves.together(key_names.ANY_ADDRESSES) for part in _parts(leaf.text)]
    found = []
    for address in (address_of(text) for text in texts):
        if address is not None and address not in known:
            is_attacker = signal in _ATTACKS and not sources and not is_inside(address)
            found.append(Entity(EntityKind.SOURCE_ADDRESS if is_attacker else EntityKind.ADDRESS, address))
    return found


def _named(leaves: Leaves, names: tuple[str, ...], kind: EntityKind) -> list[Entity]:
    is_customer = bool(leaves.text(["accountid"]))
    for group in leaves.groups(names):
        if kind is EntityKind.USER and is_customer and "".join(group[0].path[-2:]).endswith("accountname"):
            continue  # the name of the customer of a service, not of a person's account
        found = [entity(kind, leaf.text, _role_of(kind, leaf)) for leaf in group if _is_name(leaf, kind)]
        if held := [one for one in found if one is not None]:
            return held
    return []


def _is_name(leaf: Leaf, kind: EntityKind) -> bool:
    """True if the text can be the name of such a thing, and no word or sentence that only stands in its place."""
    text = leaf.text[:_LONGEST_READ]
    if isinstance(leaf.value, bool) or text.lower() in _WORDS_FOR_NOBODY or _SENTENCE.fullmatch(text) or "\n" in text:
        return False
    if kind is EntityKind.ACCOUNT:
        return len(text) >= _SHORTEST_ACCOUNT and (leaf.path[-1] != "account" or text.isdigit())
    if kind is EntityKind.USER and leaf.path[-1] == "account" and text.isdigit():
        return False
    return not (text.isdigit() and kind is EntityKind.APPLICATION) and address_of(text) is None


def _role_of(kind: EntityKind, leaf: Leaf) -> EntityRole | None:
    """A user named as the target of it, or as the one who acts."""
    if kind is not EntityKind.USER:
        return None
    name = "".join(leaf.path)
    if "target" in name or "affected" in name or "impacted" in name:
        return EntityRole.TARGET
    return EntityRole.ACTOR if "actor" in name else None


def _pages(leaves: Leaves) -> list[Entity | None]:
    """The address that is watched or was asked for, where it is said as that."""
    names = ("requesturl", "targeturl", "monitorurl", "checkurl", "monitoredurl", "urlfull", "httpurl", "siteurl")
    return [entity(EntityKind.URL, leaf.text) for leaf in leaves.together(names) if link_of(leaf.text)]
