"""`source recipe`: what to configure at the sender."""

from typing import Annotated

import typer

from breach_service.app import template_roots
from breach_service.cli.output import AsJson, fail, opened, show
from breach_service.errors import NotFound
from breach_service.rendering.recipes import Wiring, files_in, recipe_names
from breach_service.rendering.recipes import recipe as rendered_recipe
from breach_service.settings import Settings, settings_from_environment
from breach_service.sources.credentials import AuthKind
from breach_service.sources.registry import source_of
from breach_service.sources.source import Source
from breach_service.store import sources as stored_sources
from breach_service.store.database import DatabaseError, is_without_tables

PLACEHOLDER = "THE-SECRET"
FALLBACK_KIND = "json"
"""What a tool is connected as that is no kind of source but has a recipe."""


def recipe(
    kind: Annotated[str, typer.Argument(help="Kind of sender, or a product: fail2ban, fortigate, restic, …")],
    name: Annotated[str | None, typer.Option(help="Name of the source; the kind where it is left out.")] = None,
    secret: Annotated[str, typer.Option(help="Its secret, as `source add` printed it.")] = PLACEHOLDER,
    auth: Annotated[str | None, typer.Option(help="bearer, hmac or url, for a source that is not added yet.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print what has to be configured at the sender, ready to be copied."""
    settings = settings_from_environment()
    roots = template_roots(settings)
    word = kind.strip().lower().replace("_", "-")
    known = _kind_of(word, recipe_names(roots))
    chosen = _auth(known, auth, _stored(settings, name, known) if name else None)
    wiring = wiring_of(settings, word, name or word, secret, chosen)
    text = rendered_recipe(roots, word, wiring)
    value = {"kind": known.kind, "auth": str(chosen), "url": wiring.address, "recipe": text, "files": files_in(text)}
    show(value, as_json, lambda: text.rstrip())


def wiring_of(settings: Settings, word: str, name: str, secret: str, auth: AuthKind) -> Wiring:
    """What a recipe is filled in with."""
    known = _kind_of(word, recipe_names(template_roots(settings)))
    title = known.title.in_language(settings.language) if word == known.kind else word
    base = settings.public_url.rstrip("/") or f"http://127.0.0.1:{settings.port}"
    return Wiring(known.kind, name, title, base, secret, auth, settings.language, known.secret_is_theirs)


def recipe_for(settings: Settings, word: str, name: str, secret: str, auth: AuthKind) -> str:
    """The recipe of a source that was just added, with its secret."""
    return rendered_recipe(template_roots(settings), word, wiring_of(settings, word, name, secret, auth))


def _kind_of(word: str, names: tuple[str, ...]) -> Source:
    """The kind that carries this word; plain JSON for every tool that speaks no language of its own."""
    try:
        return source_of(word)
    except NotFound:
        if word in names:
            return source_of(FALLBACK_KIND)
        fail(
            f"no recipe is named {word!r}; there are: {', '.join(names)}. "
            f"For any other tool: `breach-service source recipe {FALLBACK_KIND}`"
        )


def _stored(settings: Settings, name: str, known: Source) -> AuthKind | None:
    """The credential of the source of that name, where it was added; ends the command where it is of another kind."""
    try:
        with opened(settings) as service, service.database.reading() as session:
            row = stored_sources.named(session, name)
    except DatabaseError as error:
        if is_without_tables(error):  # nothing was set up yet: the recipe says what to add
            return None
        raise
    if row is not None and row.kind != known.kind:
        fail(f"the source {name} is of the kind {row.kind}, not {known.kind}: choose another name")
    return AuthKind(row.auth) if row is not None else None


def _auth(known: Source, wanted: str | None, stored: AuthKind | None) -> AuthKind:
    if stored is not None:
        return stored
    if wanted is not None and wanted not in known.supported_auth:
        fail(f"this kind of sender can use {', '.join(known.supported_auth)}, not {wanted}")
    return AuthKind(wanted) if wanted else known.default_auth
