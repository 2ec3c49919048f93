"""The pages of signing in at a provider of identities."""

from dataclasses import dataclass

from breach_service.domain.access import Refusal


@dataclass(frozen=True)
class RefusedPage:
    """The context variable `page` of `oidc_refused.html`."""

    refusal: str
    """A word of `Refusal`."""
    provider: str
    """Its name."""
    code: str
    """In groups of four, to be read to an administrator; empty where there is none."""
    has_local_sign_in: bool


@dataclass(frozen=True)
class LetInPage:
    """The context variable `page` of `let_in.html`."""

    is_open: bool
    """False where the link leads nowhere."""


def refused_page(refusal: Refusal, provider: str, code: str, has_local_sign_in: bool) -> RefusedPage:
    """Why somebody was not let in, and what they can do."""
    grouped = " ".join(code[at : at + 4] for at in range(0, len(code), 4))
    return RefusedPage(str(refusal), provider, grouped, has_local_sign_in)
