"""What came of reading a file: what it proposes, or everything that is wrong in it."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from breach_service.domain.inventory import Proposal
from breach_service.inventory_files.faults import CellFault


@dataclass(frozen=True)
class Reading:
    """One file as read."""

    understood: Proposal
    """What could be made of it, faults or none: for a dry run to show."""
    faults: tuple[CellFault, ...] = ()
    """Sorted, without doubles; in the order of the file within a sheet."""

    @property
    def proposal(self) -> Proposal | None:
        """What may be imported: everything, or nothing while one cell is faulty."""
        return None if self.faults else self.understood


def reading_of(understood: Proposal, faults: Iterable[CellFault]) -> Reading:
    """A reading, its faults by sheet (as they first come), row and column."""
    found = list(dict.fromkeys(faults))
    sheets = list(dict.fromkeys(one.sheet for one in found))
    found.sort(key=lambda one: (sheets.index(one.sheet), one.row, len(one.column), one.column, one.kind))
    return Reading(understood, tuple(found))


def plain(text: str) -> str:
    """A title to compare: without case, accents, punctuation at the end and needless spaces."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'").replace("…", " "))
    text = "".join(one for one in text if not unicodedata.combining(one)).casefold()
    return " ".join(text.split()).rstrip(" :*?.")


_NOT_OF_AN_ID = re.compile(r"[^a-z0-9]+")


def id_from(name: str) -> str:
    """An id made of a name: lower-case letters, digits and hyphens, at most 60; of its digest where it has none."""
    made = _NOT_OF_AN_ID.sub("-", plain(name)).strip("-")[:60].strip("-")
    return made or f"entry-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:10]}"
