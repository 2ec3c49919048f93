"""What all checks from outside have in common: a name that people chose, an address that is watched, up or down."""

import re

from breach_service.domain.alert import Entity, EntityKind, EntityRole, Signal
from breach_service.sources.parts.entities import entity
from breach_service.sources.parts.plain_text import link_of
from breach_service.sources.parts.words import signal_of_words

# User and password stand before the host, tokens in what follows a question mark: neither belongs on a page.
_WATCHED = re.compile(r"(https?://)(?:[^/\s@]*@)?([^/\s?#@]+)([^\s?#]*)", re.ASCII | re.IGNORECASE)
_CERTIFICATE = re.compile(r"\b(?:ssl|tls|certificat(?:e|es)?|domain(?: name)?|domaine)\b.*\bexpir", re.IGNORECASE)


def bare_address(text: str) -> str:
    """An address to watch without user, password and query; empty for what is no web address."""
    found = _WATCHED.match(text.strip())
    return link_of("".join(found.groups())) if found else ""


def watched_entities(name: str, address: str, *hosts: str) -> list[Entity | None]:
    """The things that a check is about: itself as an application, the machine and the page that it watches."""
    machines = [entity(EntityKind.HOST, one.partition("?")[0]) for one in (address, *hosts)]
    page = bare_address(address)
    watched = entity(EntityKind.URL, page, EntityRole.TARGET) if page else None
    return [entity(EntityKind.APPLICATION, name), watched, *machines]


def signal_of_check(name: str, detail: str = "") -> Signal:
    """What a failing check reports: something is down, unless it watches backups or the days of a certificate.

    The other words of its name say what is watched ("Login page"), not what happened.
    """
    if _CERTIFICATE.search(detail[:1000]):
        return Signal.OPERATIONS
    is_backup = signal_of_words(name) is Signal.BACKUP_FAILED
    return Signal.BACKUP_FAILED if is_backup else Signal.UNAVAILABILITY
