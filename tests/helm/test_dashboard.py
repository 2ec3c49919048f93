"""The Grafana dashboard asks Prometheus for what exists, in a language it understands."""

import json
import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

Document = dict[str, Any]


@pytest.fixture(scope="module")
def dashboard(chart_directory: Path) -> Document:
    """files/dashboard.json."""
    return dict(json.loads((chart_directory / "files" / "dashboard.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def queries(dashboard: Document) -> list[str]:
    """Every query of every panel."""
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]


def test_every_metric_on_the_dashboard_exists(queries: list[str], metric_names: frozenset[str]) -> None:
    """A panel on a misspelt metric would stay empty for ever; and every metric has its place."""
    used = {
        re.sub(r"_(bucket|sum|count)$", "", name) for query in queries for name in re.findall(r"\bbreach_\w+", query)
    }
    assert used == metric_names


@pytest.mark.needs("promtool")
def test_prometheus_understands_every_query(queries: list[str], promtool: Callable[..., str], tmp_path: Path) -> None:
    """Each query parses, once Grafana has put an interval in the place of its variable."""
    recorded = [
        {"record": f"panel:query:{number}", "expr": query.replace("$__rate_interval", "5m")}
        for number, query in enumerate(queries)
    ]
    path = tmp_path / "queries.yaml"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": recorded}]}), encoding="utf-8")
    assert f"{len(queries)} rules found" in promtool("check", "rules", path)


def test_every_panel_reads_the_chosen_prometheus_and_explains_itself(dashboard: Document) -> None:
    """Panels follow the data source chosen above, and each says in a sentence what it shows."""
    assert [variable["name"] for variable in dashboard["templating"]["list"]] == ["datasource"]
    for panel in dashboard["panels"]:
        if panel["type"] != "row":
            assert panel["description"].endswith(".")
            for source in (panel["datasource"], *(target["datasource"] for target in panel["targets"])):
                assert source == {"type": "prometheus", "uid": "${datasource}"}


def test_panels_neither_overlap_nor_leave_the_page(dashboard: Document) -> None:
    """The page is 24 columns wide, and each panel has its own place and number."""
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)


def test_no_query_asks_for_a_recipient(queries: list[str]) -> None:
    """Recipients are identifiers of clients: they stay out of the pictures."""
    assert not [query for query in queries if re.search(r"\brecipient\b", query)]
