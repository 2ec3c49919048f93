"""What people do, in order."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from breach_service.domain.alert import Signal
from breach_service.domain.incident import InstantKind
from breach_service.domain.playbook import Playbook, Step, playbooks_for

DETECTED_AT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)


def _step(**changes: object) -> Step:
    fields = {"step": "contain", "title": {"fr": "Isoler"}, "role": "responder", "how": {"fr": "Débrancher."}}
    return Step.model_validate({**fields, **changes})


def _playbook(name: str, *signals: str) -> Playbook:
    return Playbook.model_validate(
        {
            "id": name,
            "title": {"fr": name},
            "why": {"fr": name},
            "owner": "dpo",
            "reviewed_on": "2026-11-22",
            "signals": signals,
            "steps": [_step()],
        }
    )


def test_a_step_is_due_its_hours_after_its_instant() -> None:
    """Elapsed hours, in UTC."""
    step = _step(due={"after": "detected_at", "hours": 1.5})
    assert step.due_at({InstantKind.DETECTED_AT: DETECTED_AT}) == DETECTED_AT + timedelta(hours=1, minutes=30)


def test_a_step_whose_instant_is_not_known_has_no_date_yet() -> None:
    """Nobody is late for something that has not begun."""
    assert _step(due={"after": "aware_at", "hours": 24}).due_at({InstantKind.DETECTED_AT: DETECTED_AT}) is None


def test_a_step_without_a_term_has_no_date() -> None:
    """It is done when its turn comes."""
    assert _step().due_at({InstantKind.DETECTED_AT: DETECTED_AT}) is None


@pytest.mark.parametrize(
    "changes", [{"role": "trainee"}, {"step": "Not an id"}, {"due": {"after": "aware_at", "hours": 0}}]
)
def test_a_step_outside_the_words_is_refused(changes: dict[str, object]) -> None:
    """Roles, names and terms are closed."""
    with pytest.raises(ValidationError):
        _step(**changes)


def test_an_incident_is_offered_the_playbooks_of_its_signals_in_their_order() -> None:
    """One signal in common is enough."""
    web, leak = _playbook("web", "web_shell", "web_exploit"), _playbook("leak", "exfiltration")
    assert playbooks_for([Signal.WEB_SHELL, Signal.SCAN], [web, leak]) == (web,)
    assert playbooks_for([Signal.EXFILTRATION, Signal.WEB_EXPLOIT], [web, leak]) == (web, leak)
    assert playbooks_for([Signal.SCAN], [web, leak]) == ()
