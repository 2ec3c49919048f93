"""Every kind of sender that this release understands. To add one: write its module, and name it here."""

from collections.abc import Mapping

from breach_service.errors import NotFound
from breach_service.sources.senders import (
    alertmanager,
    auth0,
    aws,
    backup,
    bitdefender,
    cloudevents,
    cloudflare,
    crowdsec,
    crowdstrike,
    datadog,
    falco,
    firewall,
    gitguardian,
    github,
    gitlab,
    google,
    grafana,
    harfanglab,
    json_alert,
    keycloak,
    microsoft,
    nagios,
    newrelic,
    ocsf,
    okta,
    pagerduty,
    sentinelone,
    sentry,
    slack,
    sophos,
    splunk,
    splunk_observability,
    suricata,
    tehtris,
    thinkst,
    uptime,
    uptime_kuma,
    vulnerability_scanners,
    wazuh,
    zabbix,
)
from breach_service.sources.source import Source

_ALL: tuple[Source, ...] = (
    alertmanager.SOURCE,
    auth0.SOURCE,
    aws.SOURCE,
    backup.SOURCE,
    bitdefender.SOURCE,
    cloudevents.SOURCE,
    cloudflare.SOURCE,
    crowdsec.SOURCE,
    crowdstrike.SOURCE,
    datadog.SOURCE,
    falco.SOURCE,
    firewall.SOURCE,
    gitguardian.SOURCE,
    github.SOURCE,
    gitlab.SOURCE,
    google.SOURCE,
    grafana.SOURCE,
    harfanglab.SOURCE,
    json_alert.SOURCE,
    keycloak.SOURCE,
    microsoft.SOURCE,
    nagios.SOURCE,
    newrelic.SOURCE,
    ocsf.SOURCE,
    okta.SOURCE,
    pagerduty.SOURCE,
    sentinelone.SOURCE,
    sentry.SOURCE,
    slack.SOURCE,
    sophos.SOURCE,
    splunk.SOURCE,
    splunk_observability.SOURCE,
    suricata.SOURCE,
    tehtris.SOURCE,
    thinkst.SOURCE,
    uptime.SOURCE,
    uptime_kuma.SOURCE,
    vulnerability_scanners.SOURCE,
    wazuh.SOURCE,
    zabbix.SOURCE,
)

SOURCES: Mapping[str, Source] = {source.kind: source for source in _ALL}
"""By kind, in the order of the alphabet."""

_BY_WORD: Mapping[str, Source] = {word: source for source in _ALL for word in (source.kind, *source.aliases)}


def source_of(kind: str) -> Source:
    """The sender of that kind, or of one of the other words for it. Raises NotFound, which names the known kinds."""
    try:
        return _BY_WORD[kind.strip().lower().replace("_", "-")]
    except KeyError:
        raise NotFound(f"{kind!r} is no kind of source; known kinds: {', '.join(SOURCES)}.") from None
