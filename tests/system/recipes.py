"""What the tests of recipes share: connect a source as an operator does, and take its recipe as it is printed."""

import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """A source that was added, with the files of its recipe by their path."""

    url: str
    secret: str
    files: dict[str, str]

    def written(self, directory: Path, path: str, *changes: tuple[str, str], mode: int = 0o644) -> Path:
        """Write one file of the recipe into a directory; only places of the machine are changed, each must be there."""
        text = self.files[path]
        for printed, here in changes:
            assert printed in text, printed
            text = text.replace(printed, here)
        found = directory / Path(path).name
        found.write_text(text, encoding="utf-8")
        found.chmod(mode)
        return found


def connect(running: Any, word: str, name: str, *, auth: str | None = None) -> Recipe:
    """`source add` and `source recipe`, with the secret that was printed."""
    chosen = ["--auth", auth] if auth else []
    kind = running.command("source", "recipe", word)["kind"]
    made = running.command("source", "add", name, "--kind", kind, *chosen)
    printed = running.command("source", "recipe", word, "--name", name, "--secret", made["secret"])
    assert printed["url"] == made["url"]
    return Recipe(made["url"], made["secret"], printed["files"])


def alerts_of(running: Any, source: str) -> list[dict[str, Any]]:
    """What came of the source's messages, newest first."""
    return list(running.api(f"/alerts?source={source}&limit=1000"))


def one_with(running: Any, source: str, **wanted: Any) -> Callable[[], dict[str, Any] | None]:
    """A question: the first alert of the source whose fields are as wanted, None while there is none."""

    def ask() -> dict[str, Any] | None:
        found = alerts_of(running, source)
        return next((one for one in found if all(one.get(key) == value for key, value in wanted.items())), None)

    return ask


def is_known(running: Any, source: str) -> Callable[[], bool]:
    """A question: does the running service know the source by now?"""

    def ask() -> bool:
        request = urllib.request.Request(f"{running.address}/webhooks/{source}", data=b"", method="POST")
        try:
            urllib.request.urlopen(request, timeout=10).close()
        except urllib.error.HTTPError as error:
            return "there is no source" not in error.read().decode()
        return True

    return ask
