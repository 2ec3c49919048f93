"""The things that a body of unknown shape names, by the names of the keys in which they stand."""

import re
from collections.abc import Collection, Sequence
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
_FLAW = re.compile(r"CVE-\d{4}-\d+", re.IGNORECASE | re.ASCII)
_ID_OF_USER = re.compile(r"\d+|(?=\D*\d)[0-9A-Za-z|_-]+", re.ASCII)
"""What stands under `userId` and is the number of an account, not its name."""
_MACHINES = re.compile(r"vm|virtual ?machine|instance|host|server|node|compute|machine|device|endpoint", re.IGNORECASE)
_AIMED_AT = (
    r"(?:\b(?:on|against|towards?|sur|contre|vers)\s+(?:(?:the|l[’'])\s*)?(?:ip\s+|host\s+|adresse\s+(?:ip\s+)?)?)"
)
_ADDRESS_IN_TITLE = re.compile(
    rf"({_AIMED_AT})?(?<![\w.:/-])(\d{{1,3}}(?:\.\d{{1,3}}){{3}})(?![\w.-]*\w)", re.IGNORECASE | re.ASCII
)
_HOST_IN_TITLE = re.compile(
    r"\b(?:on|sur|host|hôte|server|serveur|machine|node)\s+(?:the\s+)?(?:host\s+|server\s+)?([A-Za-z][\w.-]{2,80})",
    re.IGNORECASE,
)
_IDS_OF_CUSTOMERS = ("accountid", "cloudaccountid", "awsaccountid", "subscriptionid")
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


def entities_in(leaves: Leaves, signal: Signal, title: str = "") -> tuple[Entity, ...]:
    """Everything that is named, the one who does it apart from the one to whom it happens.

    The title is read for machines and addresses where no key names any: `Failed password from 203.0.113.9 on web-01`.
    """
    sources = _addresses(leaves, key_names.SOURCE_ADDRESSES, EntityKind.SOURCE_ADDRESS)
    targets = _addresses(leaves, key_names.ADDRESSES, EntityKind.ADDRESS)
    others = [found for kind, names in _MANY_NAMES for found in _named(leaves, names, kind)]
    aimed_at = {found[2] for found in _ADDRESS_IN_TITLE.finditer(title[:_LONGEST_READ]) if found[1]}
    machines = [
        *_hosts(leaves),
        *sources,
        *targets,
        *_bare_addresses(leaves, signal, (*sources, *targets), sources, aimed_at),
    ]
    if not any(machines):
        machines = _named_in_title(title[:_LONGEST_READ], signal)
    return gathered(machines, others, _pages(leaves))


def _named_in_title(title: str, signal: Signal) -> list[Entity | None]:
    """The machine on which it happens, and the addresses: where they came from, unless they are what it is aimed at."""
    names = [found[1].rstrip(".") for found in _HOST_IN_TITLE.finditer(title)]
    found: list[Entity | None] = [entity(EntityKind.HOST, one) for one in names if _SURELY_A_HOST.fullmatch(one)][:1]
    for one in _ADDRESS_IN_TITLE.finditer(title):
        is_target = bool(one[1]) or signal not in _ATTACKS or address_of(one[2]) is None or is_inside(one[2])
        found.append(entity(EntityKind.ADDRESS if is_target else EntityKind.SOURCE_ADDRESS, one[2]))
    return found


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
        if "resource" in "".join(name[0].path[-2:]) and not _is_machine(leaves):
            addresses = addresses or [entity(EntityKind.APPLICATION, leaf.text) for leaf in name]
            continue
        if any(one is not None and one.kind is EntityKind.HOST for one in found):
            return [*found, *addresses]
        # What is called a host may be the address of what the next is the name of.
        addresses = addresses or found
    # The source of an event of Graylog is the server that found it; that of the messages behind it is the machine.
    names = ("backlogsource",) if leaves.text(["eventdefinitionid"]) else key_names.WEAK_HOSTS
    weak = (_AGENT_NUMBER.sub("", leaf.text) for group in leaves.groups(names) for leaf in group)
    # An alert of Kibana is called by what its rule groups by, which usually is the machine.
    grouped_by = leaves.text(["alertid"]) if leaves.text(["alertactiongroup"]) else ""
    others = [] if _NO_NAME.fullmatch(grouped_by) else [grouped_by]
    sure = [name for name in (*weak, *others) if _SURELY_A_HOST.fullmatch(name) and not _FLAW.fullmatch(name)]
    return [entity(EntityKind.HOST, name) for name in sure][:1] + addresses


def _is_machine(leaves: Leaves) -> bool:
    """False where the sender says that the resource is of another sort: a bucket, a pod, a policy."""
    sort = leaves.text(["resourcetype", "resourcekind"])
    return not sort or _MACHINES.search(sort) is not None


def _parts(text: str) -> list[str]:
    """The members of `web-01, web-02`; a sentence has none."""
    short = " ".join(text[:_LONGEST_READ].split())
    parts = [] if _SENTENCE.fullmatch(short) else _BETWEEN.split(short)
    return [part for part in parts if part and not _FLAW.fullmatch(part)]


def _addresses(leaves: Leaves, names: tuple[str, ...], kind: EntityKind) -> list[Entity]:
    for group in leaves.groups(names):
        found = [entity(kind, part) for leaf in group for part in _parts(leaf.text)]
        if held := [one for one in found if one is not None]:
            return held
    return []


def _bare_addresses(
    leaves: Leaves, signal: Signal, held: Sequence[Entity], sources: Sequence[Entity], aimed_at: Collection[str]
) -> list[Entity]:
    """Addresses called only `ip`: ours where they are private or nothing attacks, else where it came from.

    Those of which the title says that it was aimed at them are ours, too.
    """
    known = {one.value for one in held}
    texts = [part for leaf in leaves.together(key_names.ANY_ADDRESSES) for part in _parts(leaf.text)]
    found = []
    for address in (address_of(text) for text in texts):
        if address is not None and address not in known:
            is_ours = is_inside(address) or address in aimed_at
            is_attacker = signal in _ATTACKS and not sources and not is_ours
            found.append(Entity(EntityKind.SOURCE_ADDRESS if is_attacker else EntityKind.ADDRESS, address))
    return found


def _named(leaves: Leaves, names: tuple[str, ...], kind: EntityKind) -> list[Entity]:
    for group in leaves.groups(names):
        is_account = kind is EntityKind.USER and "".join(group[0].path[-2:]).endswith("accountname")
        if is_account and leaves.text(_IDS_OF_CUSTOMERS):
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
    if kind is EntityKind.USER and leaf.path[-1] in ("userid", "id") and _ID_OF_USER.fullmatch(text):
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
