"""The kinds of sources that this release understands."""

from collections.abc import Callable

import pytest

from breach_service.domain.alert import Alert, Signal
from breach_service.errors import NotFound
from breach_service.sources.registry import SOURCES, source_of


def test_every_kind_is_found_by_its_name() -> None:
    """The registry knows each sender by the word that it calls itself."""
    assert list(SOURCES) == ["alertmanager", "crowdsec", "json", "suricata", "wazuh"]
    assert all(source_of(kind) is source and source.kind == kind for kind, source in SOURCES.items())


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    """Who mistypes a kind reads what would have been right."""
    with pytest.raises(NotFound, match=r"'wazhu' is no kind of source; known kinds: alertmanager, .*, wazuh\."):
        source_of("wazhu")


@pytest.mark.parametrize("kind", SOURCES)
def test_the_default_credential_of_a_kind_is_one_that_it_can_send(kind: str) -> None:
    """`source add` without `--auth` never makes a source that its sender cannot satisfy."""
    assert source_of(kind).default_auth in source_of(kind).supported_auth


@pytest.mark.parametrize("kind", SOURCES)
def test_the_title_of_a_kind_is_there_in_both_languages(kind: str) -> None:
    """The page that lists the kinds has words for each."""
    assert source_of(kind).title.in_language("fr")
    assert source_of(kind).title.in_language("en")


@pytest.mark.parametrize("kind", SOURCES)
def test_the_message_to_try_a_connection_opens_nothing(
    kind: str, normalised: Callable[[str, bytes], list[Alert]]
) -> None:
    """A test message is understood, and its signal says that it is no incident."""
    alerts = normalised(kind, source_of(kind).test_body())
    assert [alert.signal in (Signal.HEARTBEAT, Signal.ROUTINE) for alert in alerts] == [True]
