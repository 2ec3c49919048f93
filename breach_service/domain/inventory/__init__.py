"""What runs, what it processes, which data, for whom and through whom: the inventory and its questions.

Shapes are those of the inventory YAML. Ids are short, stable, lower-case words; references between parts are ids.
"""

from breach_service.domain.inventory.activities import (
    DataCategory,
    Lead,
    NumberOfPersons,
    ProcessingActivity,
    Role,
)
from breach_service.domain.inventory.changes import Change, ChangeKind, changes_between
from breach_service.domain.inventory.clients import Client, ClientActivity, Group, contacts_for
from breach_service.domain.inventory.contracts import (
    Contract,
    Deletion,
    NoticeForm,
    NoticeTerm,
    NotifyingMandate,
)
from breach_service.domain.inventory.dating import as_of, during
from breach_service.domain.inventory.editing import (
    Missing,
    ended_entry,
    entry_of,
    replaced_by,
    with_entry,
    without_stand_in,
)
from breach_service.domain.inventory.elsewhere import Elsewhere
from breach_service.domain.inventory.matching import Found, FoundSystem, MatchReason, found_by, matches, systems_found
from breach_service.domain.inventory.merging import machines_not_yet_known, merged, proposal_of
from breach_service.domain.inventory.parts import (
    NOT_NAMED_YET,
    Concern,
    ConcernKind,
    Contact,
    ContactMandate,
    Id,
    Organisation,
)
from breach_service.domain.inventory.proposal import PARTS, Entry, Proposal
from breach_service.domain.inventory.providers import Provider, ProviderActivity, TransferTool
from breach_service.domain.inventory.systems import System, SystemMatch
from breach_service.domain.inventory.whole import Fault, Inventory, Place

__all__ = [
    "NOT_NAMED_YET",
    "PARTS",
    "Change",
    "ChangeKind",
    "Client",
    "ClientActivity",
    "Concern",
    "ConcernKind",
    "Contact",
    "ContactMandate",
    "Contract",
    "DataCategory",
    "Deletion",
    "Elsewhere",
    "Entry",
    "Fault",
    "Found",
    "FoundSystem",
    "Group",
    "Id",
    "Inventory",
    "Lead",
    "MatchReason",
    "Missing",
    "NoticeForm",
    "NoticeTerm",
    "NotifyingMandate",
    "NumberOfPersons",
    "Organisation",
    "Place",
    "ProcessingActivity",
    "Proposal",
    "Provider",
    "ProviderActivity",
    "Role",
    "System",
    "SystemMatch",
    "TransferTool",
    "as_of",
    "changes_between",
    "contacts_for",
    "during",
    "ended_entry",
    "entry_of",
    "found_by",
    "machines_not_yet_known",
    "matches",
    "merged",
    "proposal_of",
    "replaced_by",
    "systems_found",
    "with_entry",
    "without_stand_in",
]
