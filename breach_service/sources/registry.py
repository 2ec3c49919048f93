"""Every kind of sender that this release understands. To add one: write its module in `senders`, and name it here."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import cast

from breach_service.errors import NotFound
from breach_service.sources.source import Source

KINDS = (
    "alertmanager", "auth0", "aws", "backup", "bitdefender", "cloudevents", "cloudflare", "crowdsec", "crowdstrike",
    "datadog", "falco", "firewall", "gitguardian", "github", "gitlab", "google", "grafana", "harfanglab", "json",
    "keycloak", "microsoft", "nagios", "newrelic", "ocsf", "okta", "pagerduty", "sentinelone", "sentry", "slack",
    "sophos", "splunk", "splunk-observability", "suricata", "tehtris", "thinkst", "uptime", "uptime-kuma",
    "vulnerability-scanners", "wazuh", "zabbix",
)  # fmt: skip
"""The words of `source add --kind`, in the order of the alphabet; each is the name of a module, with underscores."""
_ELSEWHERE = {"json": "json_alert"}
"""Modules that are called otherwise than their kind."""


class _Sources(Mapping[str, Source]):
    """A module is read when its kind is first asked for: an installation has a handful of senders, not forty."""

    def __getitem__(self, kind: str) -> Source:
        if kind not in KINDS:
            raise KeyError(kind)
        return _read(kind)

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS)

    def __len__(self) -> int:
        return len(KINDS)

    def __contains__(self, kind: object) -> bool:
        return kind in KINDS


@cache
def _read(kind: str) -> Source:
    module = import_module(f"breach_service.sources.senders.{_ELSEWHERE.get(kind, kind.replace('-', '_'))}")
    return cast(Source, module.SOURCE)


SOURCES: Mapping[str, Source] = _Sources()
"""By kind, in the order of the alphabet."""


@cache
def _by_alias() -> Mapping[str, Source]:
    return {word: source for source in SOURCES.values() for word in source.aliases}


def source_of(kind: str) -> Source:
    """The sender of that kind, or of one of the other words for it. Raises NotFound, which names the known kinds."""
    word = kind.strip().lower().replace("_", "-")
    found = SOURCES.get(word) or _by_alias().get(word)
    if found is None:
        raise NotFound(f"{kind!r} is no kind of source; known kinds: {', '.join(SOURCES)}.")
    return found
