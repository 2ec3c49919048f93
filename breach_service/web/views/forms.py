"""The small pages: signing in, declaring an incident, and what went wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from breach_service.domain.inventory import Inventory
from breach_service.domain.reports import ReporterKind
from breach_service.web.views.reporting import AskedQuestion, asked_questions


@dataclass(frozen=True)
class DemoAccount:
    """A person of the demonstration, with the password to type."""

    name: str
    role: str
    email: str
    password: str


@dataclass(frozen=True)
class SignInPage:
    """The context variable `page` of `sign_in.html`. The form posts `email`, `password`, `next` to `/sign-in`."""

    error: str
    """Empty, or `wrong` (address or password), `locked` (too many tries), `ended` (the session is over)."""
    email: str
    next: str
    demo: tuple[DemoAccount, ...]
    has_passkeys: bool
    """True where browsers allow passkeys on this address."""
    provider: str = ""
    """Name of the provider of identities; empty where there is none."""
    has_local_sign_in: bool = True
    """False where only the provider lets people in."""
    has_left: bool = False
    """True for somebody who has just signed out."""


def sign_in_page(
    error: str = "", email: str = "", next_path: str = "/", demo: Iterable[DemoAccount] = (), *,
    has_passkeys: bool = False, provider: str = "", has_local_sign_in: bool = True, has_left: bool = False,
) -> SignInPage:  # fmt: skip
    """The form, with what was typed; `next_path` is where the person wanted to go, `/` unless it is a path of ours."""
    is_ours = next_path.startswith("/") and not next_path.startswith(("//", "/\\"))
    return SignInPage(
        error=error, email=email, next=next_path if is_ours else "/", demo=tuple(demo), has_passkeys=has_passkeys,
        provider=provider, has_local_sign_in=has_local_sign_in, has_left=has_left,
    )  # fmt: skip


@dataclass(frozen=True)
class SystemChoice:
    """A system that may be concerned."""

    id: str
    name: str
    description: str
    is_chosen: bool


@dataclass(frozen=True)
class DeclarePage:
    """The context variable `page` of `declare.html`; the form posts the names of `DECLARATION` to `/declare`."""

    systems: tuple[SystemChoice, ...]
    typed: Mapping[str, str]
    """What was typed, by field; every field of `DECLARATION` but `systems` is there."""
    error: str
    now: datetime
    questions: Mapping[str, AskedQuestion] = field(default_factory=dict)
    """The five questions by their id."""
    kinds: tuple[str, ...] = ()
    """What whoever told us may be to us: codes of `ReporterKind`."""


DECLARATION = (
    "title", "what_happened", "systems", "occurred_at", "told_at", "told_by", "personal_data", "points_at_staff",
    "where", "done", "told_kind", "key",
)  # fmt: skip
"""Fields of the form. `systems` comes once per ticked system; instants are local, `2026-11-22T14:05`, or empty."""


def declare_page(
    inventory: Inventory,
    language: str,
    now: datetime,
    *,
    typed: Mapping[str, str] | None = None,
    systems: Iterable[str] = (),
    error: str = "",
) -> DeclarePage:
    """The form to declare an incident, with what was typed before where it could not be taken."""
    chosen, said = set(systems), typed or {}
    return DeclarePage(
        systems=tuple(
            SystemChoice(
                one.id,
                one.name.in_language(language),
                one.description.in_language(language) if one.description else "",
                one.id in chosen,
            )
            for one in inventory.systems
        ),
        typed={name: said.get(name, "") for name in DECLARATION}
        | {"personal_data": said.get("personal_data") or "unknown"}
        | {"told_kind": said.get("told_kind") or str(ReporterKind.EMPLOYEE)},
        error=error,
        now=now,
        questions={one.id: one for one in asked_questions(language, {})},
        kinds=tuple(map(str, ReporterKind)),
    )


@dataclass(frozen=True)
class ProblemPage:
    """The context variable `page` of `problem.html`."""

    status: int
    kind: int
    """The status whose words are shown: its own, or 400 or 500 for one that has none."""
    detail: str
    """A sentence of the error where it has one; it is shown as it is."""
    request_id: str


PROBLEMS_WITH_WORDS = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})


def problem_page(status: int, detail: str = "", request_id: str = "") -> ProblemPage:
    """What happened; what to do is in the words of the status."""
    kind = status if status in PROBLEMS_WITH_WORDS else 500 if status >= 500 else 400
    return ProblemPage(status, kind, detail, request_id)
