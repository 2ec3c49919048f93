"""In which phase a notice is recorded: a first one, what completes it, or everything in one go."""

from breach_service.domain.deadlines import FilingPhase
from breach_service.errors import N_, InvalidCommand
from breach_service.store.tables import ObligationRow


def phase_of(held: ObligationRow, said: FilingPhase | None) -> FilingPhase:
    """The phase of a notice that was sent under an obligation; without a word, what its regime asks for.

    Raises InvalidCommand for a complement to nothing, and for a first notice where one went before.
    """
    completes = held.terms.get("follows_phase") == FilingPhase.INITIAL
    if completes and said not in (None, FilingPhase.COMPLEMENT):
        raise InvalidCommand(
            N_("an initial notice went before this one: record it as a complement, under the number of the first")
        )
    if not completes and said is FilingPhase.COMPLEMENT:
        raise InvalidCommand(
            N_("there is no initial notice that this one could complete: record it as initial or as complete")
        )
    return said or (FilingPhase.COMPLEMENT if completes else FilingPhase.COMPLETE)
