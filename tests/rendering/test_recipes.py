"""Recipes: every kind has one, each is sound in its own language, and says the real address and secret."""

import configparser
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from ruamel.yaml import YAML

from breach_service.rendering.recipes import GENERAL, Wiring, files_in, recipe, recipe_names
from breach_service.sources.registry import SOURCES

TEMPLATES = Path(__file__).parents[2] / "templates"
SHIPPED = (TEMPLATES,)
NAMES = recipe_names(SHIPPED)
BASE, SECRET = "https://breach.example.fr", "a-secret-of-the-test-0123456789"
LIES_WITHIN = re.compile(r"\{\{|\}\}")


def wiring(kind: str, auth: str = "bearer", language: str = "en", *, is_theirs: bool = False) -> Wiring:
    return Wiring(kind, "my-source", "The Sender", BASE, SECRET, auth, language, is_theirs=is_theirs)


def every(kind: str) -> list[Wiring]:
    """With each credential that the kind can use, all three where the word is no kind."""
    source = SOURCES.get(kind)
    ways = source.supported_auth if source else ("bearer", "hmac", "url")
    return [wiring(kind, str(auth), is_theirs=bool(source and source.secret_is_theirs)) for auth in ways]


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_every_kind_has_a_recipe(kind: str) -> None:
    """A sender that nobody can connect is not shipped."""
    assert kind in NAMES, f"templates/recipes/{kind}.md is missing"


@pytest.mark.parametrize("name", [*NAMES, GENERAL])
def test_address_and_secret_stand_in_it(name: str) -> None:
    """For each credential; nothing of the template is left, and a secret address is not shown with a header."""
    for one in every(name):
        text = recipe(SHIPPED, name, one)
        assert f"/webhooks/my-source{'/' + SECRET if one.auth == 'url' else ''}" in text
        assert not re.search(r"@%|%@|@#|#@|\}@|@\{ ", text)
        assert "breach-service source add my-source --kind " in text
        if one.auth == "url":
            assert f"Bearer {SECRET}" not in text
        elif not one.is_theirs:
            assert SECRET in text


TEMPLATED = {
    name: module.TEMPLATE
    for name, module in ((kind, sys.modules[type(source).__module__]) for kind, source in SOURCES.items())
    if hasattr(module, "TEMPLATE")
}


@pytest.mark.parametrize("kind", sorted(TEMPLATED))
def test_the_body_that_a_kind_recommends_is_the_one_that_is_printed(kind: str) -> None:
    """Every variable of it, under the name that is read."""
    text = recipe(SHIPPED, kind, wiring(kind))
    for key, variable in TEMPLATED[kind].items():
        assert key in text
        assert variable in text


@pytest.mark.parametrize("name", [*NAMES, GENERAL])
def test_both_languages_open_it(name: str) -> None:
    """The title is in the reader's own; the rest is configuration."""
    assert recipe(SHIPPED, name, wiring(name, language="fr")).startswith("# Connecter The Sender\n")
    assert recipe(SHIPPED, name, wiring(name, language="en")).startswith("# Connect The Sender\n")


def check(path: str, text: str) -> None:
    """Raise where a file is not sound in the language that its name says."""
    end = Path(path).suffix
    if end in (".yaml", ".yml"):
        assert list(YAML(typ="safe").load_all(text))
    elif end == ".json" and not LIES_WITHIN.search(text):
        json.loads(text)
    elif end == ".toml":
        tomllib.loads(text)
    elif end == ".xml":
        ElementTree.fromstring(text)
    elif end in (".ini", ".conf") and not re.search(r"syslog-ng|icinga2", path):
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(text)
        assert parser.sections() or parser.defaults()
    elif text.startswith("#!/var/ossec"):
        compile(text, path, "exec")
    elif end == ".sh" or text.startswith("#!/bin/sh"):
        done = subprocess.run(
            [shutil.which("bash") or "sh", "-n"], input=text, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [*NAMES, GENERAL])
def test_every_file_is_sound_in_its_own_language(name: str) -> None:
    """YAML, JSON, TOML, XML, INI, Python and shell can be read by those who will read them."""
    for one in every(name):
        text = recipe(SHIPPED, name, one)
        for path, content in files_in(text).items():
            check(path, content)
        assert text.count("```") % 2 == 0


def test_what_has_no_recipe_gets_the_general_one() -> None:
    """Every tool can run a command or post JSON."""
    assert "send-alert.sh" in files_in(recipe(SHIPPED, "unheard-of", wiring("unheard-of")))


def test_a_word_of_its_own_comes_before_the_kind() -> None:
    """fail2ban is carried by another kind, and has its own recipe."""
    assert "actionban" in recipe(SHIPPED, "fail2ban", wiring("firewall"))
    assert "actionban" not in recipe(SHIPPED, "firewall", wiring("firewall"))


def test_the_operator_can_write_another_one(tmp_path: Path) -> None:
    """Under the same name in the directory of the operator; parts of ours can be included."""
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "crowdsec.md").write_text(
        '@% include "_head.md" %@\nOurs: @{ address }@\n', encoding="utf-8"
    )
    text = recipe((tmp_path, TEMPLATES), "crowdsec", wiring("crowdsec", language="fr"))
    assert text.endswith(f"Ours: {BASE}/webhooks/my-source\n")
    assert text.startswith("# Connecter")
