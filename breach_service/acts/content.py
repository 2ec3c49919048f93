"""Putting an inventory or a version of the content in force, and seeing first what the content would change."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import rfc8785

from breach_service.acts.authorise import authorise
from breach_service.acts.inventory.changing import IMPORTED, put_in_force
from breach_service.acts.rows import visibility_of
from breach_service.catalog import Catalogue
from breach_service.domain.access import Act, Actor
from breach_service.domain.alert import Signal
from breach_service.domain.differences import (
    Comparison,
    JudgedDifferently,
    changed_files,
    comparison_as_json,
    judged_differently,
)
from breach_service.domain.facts import WHOLE_INCIDENT, Fact, Provenance
from breach_service.domain.grouping import established_by_signals, outweighs
from breach_service.domain.incident import EntryKind, Incident
from breach_service.domain.inventory import Inventory
from breach_service.errors import N_, InvalidCommand, Sentence, Sentences
from breach_service.pipeline.judging import assessment_of
from breach_service.pipeline.knowledge import Knowledge
from breach_service.store import activations, records, reference, timeline
from breach_service.store.database import Session

LOOKED_BACK = timedelta(days=730)
"""How long ago an incident may have been opened to be compared on: 24 months."""
MOST_COMPARED = 2_000
"""Incidents that are compared, the newest ones."""


@dataclass(frozen=True)
class OnDisk:
    """The files of playbooks/ as they are now: what could be put in force, or the faults that keep it from that."""

    catalogue: Catalogue | None
    faults: tuple[str, ...] = ()

    def ready(self) -> Catalogue:
        """The content; InvalidCommand with its faults, in words, where there are any."""
        if self.catalogue is None or self.faults:
            raise InvalidCommand(Sentences(Sentence(N_("the files of playbooks have faults:")), *self.faults))
        return self.catalogue


def import_inventory(session: Session, actor: Actor, inventory: Inventory, now: datetime, reason: str = "") -> bool:
    """Put a whole inventory in force from now on, as `acts.inventory` does; False where nothing changed."""
    return put_in_force(session, actor, inventory, now, reason=reason, note=IMPORTED).is_new


def activate_content(
    session: Session, actor: Actor, catalogue: Catalogue, now: datetime, comparison: Comparison | None = None
) -> bool:
    """Put a checked version of playbooks/ in force; False where it already is.

    `comparison` is what the person was shown before (`preview`): it is kept with the version, by its digest. Nothing
    that was judged before is written anew here; an open incident is judged by the new version when it is next touched.
    Raises InvalidCommand where something else was put in force since it was shown.
    """
    authorise(actor, Act.ACTIVATE_CONTENT)
    held = reference.content_digest(session)
    if held == catalogue.digest:
        return False
    if comparison is not None and (comparison.former, comparison.latter) != (held, catalogue.digest):
        raise InvalidCommand(
            N_(
                "another version of the content was put in force, or the files were changed, since it "
                "was compared: compare again"
            )
        )
    reference.activate_content(session, catalogue.digest, catalogue.documents, actor.name, now)
    words = {"note": "content_activated", "digest": catalogue.digest}
    if comparison is not None:
        digest = digest_of(comparison)
        activations.keep_comparison(session, comparison_as_json(comparison), digest)
        words |= {
            "comparison": digest, "looked_at": str(comparison.looked_at), "differing": str(len(comparison.incidents))
        }  # fmt: skip
    timeline.write_entry(session, None, now, EntryKind.NOTED, actor.name, words)
    return True


def digest_of(comparison: Comparison) -> str:
    """SHA-256 (hex) of a comparison, over RFC 8785 JSON: what a person confirms that they saw."""
    return hashlib.sha256(rfc8785.dumps(comparison_as_json(comparison))).hexdigest()


def preview(
    session: Session, actor: Actor, catalogue: Catalogue, knowledge: Knowledge, now: datetime
) -> Comparison:  # fmt: skip
    """Which incidents of the last 24 months a content would judge differently from the one in force; nothing is stored.

    Open and closed ones, at most 2,000, each on its recorded facts and on the inventory in force.
    """
    authorise(actor, Act.LOOK_AROUND)
    under = replace(knowledge, catalogue=catalogue)
    looked_at, found, seen = 0, [], visibility_of(actor, now)
    if catalogue.digest != knowledge.catalogue.digest:
        for incident in activations.incidents_opened(session, now - LOOKED_BACK, MOST_COMPARED, visibility=seen):
            looked_at += 1
            facts = records.facts_of(session, incident.id)
            before = assessment_of(incident, facts, knowledge)
            said = _said_anew(incident, facts, catalogue, knowledge)
            after = assessment_of(incident, (*facts, *said), under)
            differences = judged_differently(before, after)
            if differences:
                found.append(JudgedDifferently(incident.reference, incident.title, incident.status, differences))
    return Comparison(
        former=knowledge.catalogue.digest,
        latter=catalogue.digest,
        files=changed_files(knowledge.catalogue.documents, catalogue.documents),
        looked_at=looked_at,
        left_out=activations.count_incidents(session, seen) - looked_at,
        incidents=tuple(found),
    )


def _said_anew(
    incident: Incident, facts: tuple[Fact, ...], catalogue: Catalogue, knowledge: Knowledge
) -> Iterable[Fact]:
    """What the signals of an incident would speak for and did not so far, as judging would record it."""
    signals: set[Signal] = set(incident.signals)
    former = established_by_signals(signals, knowledge.catalogue.signals)
    said = {one.name: one.value for one in facts if one.provenance is Provenance.ALERT and one.scope == WHOLE_INCIDENT}
    recorded = max((one.recorded for one in facts), default=0)
    for name, value in established_by_signals(signals, catalogue.signals).items():
        is_news = former.get(name) != value and said.get(name) != value
        if is_news and (name not in said or outweighs(value, said[name]) or said[name] == former.get(name)):
            recorded += 1
            yield Fact(
                name, value, WHOLE_INCIDENT, Provenance.ALERT, "alerts",
                incident.detected_at, recorded=recorded,
            )  # fmt: skip
