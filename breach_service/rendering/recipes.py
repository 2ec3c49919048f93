"""Recipes: what has to be configured at the sender, with the real address and secret, out of `templates/recipes/`.

They are written in `@{ value }@`, `@% block %@` and `@# comment #@`, since configurations are full of braces already.
Files that begin with an underscore are parts of others.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

GENERAL = "general"
"""The recipe of every sender that has none of its own."""
_FENCED = re.compile(
    r"^```(?P<language>[\w-]+)[ \t]+(?P<path>\S+)[ \t]*\n(?P<text>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Wiring:
    """What a sender must be told."""

    kind: str
    """The kind of the source."""
    name: str
    """The name of the source."""
    title: str
    """What people call the sender."""
    base: str
    """Where the service is reached, without a slash at its end."""
    secret: str
    auth: str
    """bearer, hmac or url."""
    language: str
    is_theirs: bool = False
    """True where the sender makes the secret."""

    @property
    def address(self) -> str:
        """The address of the webhook; holds the secret where the secret is the address."""
        path = f"{self.base}/webhooks/{self.name}"
        return f"{path}/{self.secret}" if self.auth == "url" else path


def recipe_names(directories: Sequence[Path]) -> tuple[str, ...]:
    """Every word that has a recipe of its own, in the order of the alphabet."""
    found = {path.stem for one in directories for path in (one / "recipes").glob("[!_]*.md")}
    return tuple(sorted(found - {GENERAL}))


def recipe(directories: Sequence[Path], word: str, wiring: Wiring) -> str:
    """The recipe of that word, or of the kind, or the general one, as Markdown; the first directory wins.

    Raises jinja2.UndefinedError where a recipe reads what it was not given.
    """
    names = recipe_names(directories)
    chosen = next((one for one in (word, wiring.kind) if one in names), GENERAL)
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([str(one / "recipes") for one in directories]),
        undefined=StrictUndefined,
        autoescape=False,  # configuration for a terminal, never HTML
        variable_start_string="@{", variable_end_string="}@", block_start_string="@%", block_end_string="%@",
        comment_start_string="@#", comment_end_string="#@", trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    template = environment.get_template(f"{chosen}.md")
    text = template.render(asdict(wiring) | {"address": wiring.address, "word": word, "names": names})
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def files_in(text: str) -> dict[str, str]:
    """The files that a recipe spells out, by the path behind the language of their block."""
    return {found["path"]: found["text"] for found in _FENCED.finditer(text)}
