"""A day on which the dated inventory changes judges open incidents, though nothing else happened."""

from datetime import timedelta
from typing import Any

from breach_service.acts import content
from breach_service.app import OPERATOR
from breach_service.pipeline.judging import changed_among
from breach_service.pipeline.turning import judge_what_turned
from breach_service.store import incidents
from tests.pipeline.incoming import WEB_SHELL, Incoming

DAY = timedelta(days=1)
LATER = "mutuelle-exemple"


def _with_a_client_from_tomorrow(incoming: Incoming) -> None:
    inventory = incoming.service.knowledge().inventory
    tomorrow = (incoming.now + DAY).date()
    clients = [one.model_copy(update={"valid_from": tomorrow}) if one.id == LATER else one for one in inventory.clients]
    changed = inventory.model_copy(update={"clients": tuple(clients)})
    incoming.service.database.write(lambda session: content.import_inventory(session, OPERATOR, changed, incoming.now))


def _owed(incoming: Incoming) -> set[str]:
    return {one.recipient for one in incoming.dossier().obligations if one.withdrawn_at is None}


def test_the_worker_judges_open_incidents_on_the_day_on_which_the_inventory_turns(
    incoming: Incoming, clock: Any
) -> None:
    """A client whose data may be touched from tomorrow on is owed a notice from tomorrow on, and nobody had to look."""
    _with_a_client_from_tomorrow(incoming)
    incoming.alert(WEB_SHELL)
    worker = incoming.service.worker()
    worker.turn_the_day(incoming.service.knowledge(), incoming.now)
    assert f"client:{LATER}" not in _owed(incoming)
    clock.at += 2 * DAY
    worker.turn_the_day(incoming.service.knowledge(), incoming.now)
    assert f"client:{LATER}" in _owed(incoming)


def test_a_process_that_was_down_on_that_day_does_it_at_the_start(incoming: Incoming, clock: Any) -> None:
    """A fresh loop looks before a day has passed."""
    _with_a_client_from_tomorrow(incoming)
    incoming.alert(WEB_SHELL)
    clock.at += 2 * DAY
    incoming.service.worker().turn_the_day(incoming.service.knowledge(), incoming.now)
    assert f"client:{LATER}" in _owed(incoming)


def test_nothing_is_judged_again_where_nothing_turned(incoming: Incoming, clock: Any) -> None:
    """A day like any other costs a look and writes nothing."""
    incoming.alert(WEB_SHELL)
    clock.at += DAY
    service = incoming.service
    assert judge_what_turned(service.database, service.knowledge(), incoming.now) == 0
    with service.database.reading() as session:
        assert changed_among(session, incidents.open_ids(session), service.knowledge(), incoming.now) == []
