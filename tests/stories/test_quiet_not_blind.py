"""Quiet, not blind: a noisy probe over three weeks, what is closed in one act, and what is never swept along.

The story runs on the real service (both databases) with a clock that is told the time.
"""

from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import closing, noise
from breach_service.acts.closing import BulkClosing, Closing
from breach_service.app import Service
from breach_service.domain.closing import ClosingReason, proposals, shares_of
from breach_service.domain.incident import IncidentStatus
from breach_service.domain.noise import NoiseProposal
from breach_service.pipeline.quietening import dry_run, noise_of
from breach_service.store import closing as stored
from tests.deciders import DPO
from tests.pipeline.incoming import WEB_SHELL, Incoming

DAY = timedelta(days=1)
NIGHTLY = {"title": "Odd file after the nightly update", "signal": "web_shell", "host": "fw-01", "id": "nightly"}
"""The firewall holds no personal data."""


@pytest.fixture
def incoming(service: Service) -> Incoming:
    """A probe that was connected yesterday."""
    return Incoming(service)


def proposed(incoming: Incoming) -> list[tuple[str, bool]]:
    with incoming.service.database.reading() as session:
        found = proposals(stored.closable(session, incoming.now), incoming.now)
    return [(one.incident.reference, one.goes_in_bulk) for one in found]


def noise_now(incoming: Incoming) -> tuple[NoiseProposal, ...]:
    with incoming.service.database.reading() as session:
        return noise_of(session, incoming.service.knowledge(), incoming.now)


def close(incoming: Incoming, *some: Closing) -> closing.ManyClosed:
    command = BulkClosing(some, ClosingReason.FALSE_ALARM, "The nightly update of the firewall.")
    knowledge, now = incoming.service.knowledge(), incoming.now
    return incoming.service.database.write(lambda session: closing.close_many(session, DPO, command, knowledge, now))


def test_a_noisy_probe_is_made_quiet_and_an_attack_still_wakes(incoming: Incoming, clock: Any) -> None:
    """Three false alarms closed in one act, the real one left to a person; the silence spares the fourth, no more."""
    for _ in range(3):  # every other night the update of the firewall
        incoming.alert(NIGHTLY)
        clock.at += 2 * DAY
    incoming.alert(WEB_SHELL)  # and once, in between, something on the application with its personal data
    clock.at += DAY
    incoming.alert({**WEB_SHELL, "status": "resolved"})

    # The sender of the web shell says that it is over; the nights are silent, each for a week after another.
    assert proposed(incoming) == [("INC-2026-0001", True), ("INC-2026-0004", False)]
    clock.at += 6 * DAY
    assert proposed(incoming) == [(f"INC-2026-000{number}", number < 4) for number in (1, 2, 3, 4)]

    # One act closes the three; the web shell is refused by name, since nobody gave it a reason of its own.
    done = close(incoming, *(Closing(f"INC-2026-000{number}") for number in (1, 2, 3, 4)))
    assert done.closed == ("INC-2026-0001", "INC-2026-0002", "INC-2026-0003")
    assert [one.reference for one in done.refused] == ["INC-2026-0004"]
    assert incoming.dossier("INC-2026-0004").incident.status is IncidentStatus.SUSPECTED

    # The page shows that three of four were nothing, and proposes to keep that one thing quiet.
    with incoming.service.database.reading() as session:
        share = shares_of(stored.ended(session, incoming.now))["probe"].share
    assert (share.opened, share.false_alarms, share.undecided) == (4, 3, 1)
    (proposal,) = noise_now(incoming)
    incoming.alert(NIGHTLY)
    with incoming.service.database.reading() as session:
        run = dry_run(session, proposal, incoming.service.knowledge(), incoming.now)
    assert run.spared == 1
    assert {one.alert.title for one in run.silence.silenced} == {NIGHTLY["title"]}
    incoming.act(
        lambda *one: closing.dismiss(*one, ClosingReason.FALSE_ALARM), DPO, "Again.", reference="INC-2026-0005"
    )

    # One click: the next night wakes nobody, and what is not the same wakes as before.
    knowledge, now = incoming.service.knowledge(), incoming.now
    incoming.service.database.write(lambda session: noise.silence_noise(session, DPO, proposal.key, "", knowledge, now))
    assert noise_now(incoming) == ()
    clock.at += 2 * DAY
    incoming.alert(NIGHTLY)
    assert incoming.incidents()[-1].is_muted
    clock.at += 2 * DAY
    incoming.alert({**NIGHTLY, "title": "Another odd file"}, {**WEB_SHELL, "id": "again"})
    assert not any(one.is_muted for one in incoming.incidents()[-2:])

    # A week later the silence is over: it would wake again, and is proposed again.
    clock.at += 8 * DAY
    assert len(noise_now(incoming)) == 1
