"""The ladders that ship: what the issue of each date is, and that content without them reminds all the same."""

from breach_service.catalog import Catalogue, catalogue_from
from breach_service.domain.deadlines import RegimeKind
from breach_service.domain.reminders import GENTLE, SHIPPED_LADDERS, STANDARD, TRIAGE


def test_the_file_says_what_the_service_knows_without_it(catalogue: Catalogue) -> None:
    """Whoever takes the file away, or put their content in force before there was one, is reminded as before."""
    assert set(catalogue.ladders) == {STANDARD, GENTLE, TRIAGE}
    for name, ladder in catalogue.ladders.items():
        assert ladder.rungs == SHIPPED_LADDERS[name].rungs
    without = {path: text for path, text in catalogue.documents.items() if path != "ladders.yaml"}
    reading = catalogue_from(without)
    assert reading.catalogue is not None
    assert reading.catalogue.ladders == SHIPPED_LADDERS


def test_targets_climb_gently_and_everything_else_does_not(catalogue: Catalogue) -> None:
    """A missed target is never overdue; a missed date of a law or a contract wakes."""
    for regime in catalogue.regimes:
        ladder = catalogue.ladders[regime.reminders]
        if regime.kind is RegimeKind.TARGET:
            continue  # whatever the file says, see `ladder_name`
        assert ladder.has_end, regime.id
    assert not catalogue.ladders[GENTLE].has_end
