"""Every kind of sender that this release understands. To add one: write its module, and name it here."""

from collections.abc import Mapping

from breach_service.errors import NotFound
from breach_service.sources import alertmanager, crowdsec, json_alert, suricata, wazuh
from breach_service.sources.source import Source

_ALL: tuple[Source, ...] = (
    alertmanager.SOURCE,
    crowdsec.SOURCE,
    json_alert.SOURCE,
    suricata.SOURCE,
    wazuh.SOURCE,
)

SOURCES: Mapping[str, Source] = {source.kind: source for source in _ALL}
"""By kind, in the order of the alphabet."""


def source_of(kind: str) -> Source:
    """The sender of that kind. Raises NotFound, which names the known kinds."""
    try:
        return SOURCES[kind]
    except KeyError:
        raise NotFound(f"{kind!r} is no kind of source; known kinds: {', '.join(SOURCES)}.") from None
