"""No reader of incidents is called from the edge without whose eyes it reads with: their default is to see all."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import breach_service
from breach_service.store.sight import Visibility

PACKAGE = Path(breach_service.__file__).parent
READERS_LIVE_IN = ("breach_service.store", "breach_service.pipeline", "breach_service.acts")
MODULES = sorted((*(PACKAGE / "web").rglob("*.py"), *(PACKAGE / "cli").rglob("*.py")))


def _imported(tree: ast.AST) -> dict[str, Any]:
    """What the names of a module stand for that it takes from where the readers live."""
    found: dict[str, Any] = {}
    for one in ast.walk(tree):
        if isinstance(one, ast.ImportFrom) and (one.module or "").startswith(READERS_LIVE_IN):
            for name in one.names:
                module = importlib.import_module(one.module or "")
                value = getattr(module, name.name, None)
                if value is None:
                    value = importlib.import_module(f"{one.module}.{name.name}")
                found[name.asname or name.name] = value
    return found


def _meant(node: ast.AST, imported: dict[str, Any]) -> Any:
    """The object that a name, or an attribute of a name, stands for; None where it is none of ours."""
    if isinstance(node, ast.Name):
        return imported.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
        return getattr(imported[node.value.id], node.attr, None)
    return None


def _place(reader: Any) -> tuple[str, int] | None:
    """The name and the place of the parameter that says whose eyes; None where a function has none."""
    if not inspect.isfunction(reader):
        return None
    for place, one in enumerate(inspect.signature(reader).parameters.values()):
        if one.annotation in (Visibility, Visibility | None):
            return one.name, place if one.kind is not inspect.Parameter.KEYWORD_ONLY else 1000
    return None


def faults_of(source: str) -> Iterator[str]:
    """Each use of a reader that does not say whose eyes, by its line."""
    tree = ast.parse(source)
    imported, said = _imported(tree), set()
    for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
        where = _place(_meant(call.func, imported))
        if where and (len(call.args) > where[1] or where[0] in {one.arg for one in call.keywords}):
            said.add(call.func)
    for one in ast.walk(tree):
        if one not in said and _place(_meant(one, imported)):
            yield f"line {getattr(one, 'lineno', 0)}: {ast.unparse(one)} without whose eyes it reads with"


@pytest.mark.parametrize("path", MODULES, ids=lambda one: str(one.relative_to(PACKAGE)))
def test_every_reader_is_told_whose_eyes_it_reads_with(path: Path) -> None:
    """On pages and in the API those of whoever is signed in; the operator's commands say that they see all."""
    assert not list(faults_of(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", [one for one in MODULES if "web" in one.parts], ids=lambda one: one.name)
def test_no_page_sees_all(path: Path) -> None:
    """What sees all is for the service itself and for the operator."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not {"FULL", "EVERYTHING"} & {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("from breach_service.store import closing as stored\nstored.closable(session, now)", 1),
        ("from breach_service.store import closing as stored\nstored.closable(session, now, seen)", 0),
        ("from breach_service.store import incidents\nread(incidents.summaries)", 1),
        ("from breach_service.store import incidents\nincidents.summaries(session, visibility=seen)", 0),
        ("from breach_service.pipeline.dossiers import dossier_of\ndossier_of(session, reference, knowledge)", 1),
        ("from breach_service.acts.decisions import glass\nglass.outstanding(session, now)", 1),
        ("from breach_service.store import sources\nsources.summaries(session)", 0),
    ],
)
def test_the_search_finds_what_it_looks_for(said: str, count: int) -> None:
    """By whatever name a reader was imported, called or handed over."""
    assert len(list(faults_of(said))) == count
