"""What an API token may do: of the acts of its role those in its scope, and never what is a person's."""

from collections.abc import Iterable

from breach_service.domain.access.acts import ALLOWED, DECISIONS, Act, UserRole

PERSONS_ONLY = DECISIONS | {
    Act.GIVE_OPINION,
    Act.BREAK_GLASS,
    Act.REVIEW_GLASS,
    Act.CONSULT,
    Act.ANSWER_CALL,
    Act.RECORD_MANDATE,
    Act.KEEP_OWN_ACCOUNT,
}
"""Decisions, opinions, consulting, answering a call, mandates and one's own account: a program does none of them."""


def grantable(role: UserRole) -> frozenset[Act]:
    """The acts that a token of a role may have."""
    return frozenset(act for act in Act if role in ALLOWED[act]) - PERSONS_ONLY


def scope_of(role: UserRole, chosen: Iterable[str]) -> frozenset[Act]:
    """What a token may do now: the acts chosen for it that its role still allows; all of the role's where none was."""
    most, names = grantable(role), frozenset(chosen)
    return frozenset(act for act in most if str(act) in names) if names else most
