"""The inventory on pages and by the API: one form per entry, files brought in, and who changed what and why."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from breach_service.domain.access import UserRole
from breach_service.domain.inventory import PARTS, entry_of
from breach_service.web.inventory.typed import Misfit, entry_from, renumbered, typed_of
from breach_service.web.views.inventory_layout import LAYOUT
from tests.inventory_files.made import PAY, SITE, a_register, as_ods
from tests.web.edge import Edge, forms_in, shared_edge, text_in


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with shared_edge(tmp_path_factory.mktemp("inventory")) as one:
        yield one


@pytest.fixture
def dpo(edge: Edge) -> TestClient:
    return edge.person(UserRole.DPO)


def entry(edge: Edge, part: str, entry_id: str) -> Any:
    return entry_of(edge.service.knowledge().inventory, part, entry_id)


def revision(edge: Edge) -> int:
    return edge.service.knowledge().inventory_revision


def register(changes: dict[str, dict[tuple[int, int], str]] | None = None) -> bytes:
    cells = a_register()
    for sheet, written in (changes or {}).items():
        cells[sheet] = {at: text for at, text in {**cells[sheet], **written}.items() if text}
    return as_ods(cells)


# ---------- the form and the entry ----------


def test_every_entry_comes_back_from_its_form_as_it_is(edge: Edge) -> None:
    """Of every part, with contacts, contracts, facts and texts in two languages."""
    knowledge = edge.service.knowledge()
    for part in LAYOUT:
        for one in getattr(knowledge.inventory, part):
            assert entry_from(part, typed_of(part, one), knowledge.catalogue.facts) == one


def test_a_client_with_everything_comes_back_from_its_form_as_it_is() -> None:
    """Terms that changed, mandates, deletions of one activity, a contact who receives for others."""
    client = PARTS["clients"].model_validate(
        {
            "id": "acme", "name": "Acme", "group": "holding", "valid_from": "2024-01-01",
            "contacts": [
                {"name": "Ann", "order": 2, "is_fallback": True,
                 "mandate": {"clients": ["b", "c"], "written_in": "Annex 3", "valid_from": "2025-01-01"}},
            ],
            "contract": {
                "ends_on": "2026-06-30", "deletion": {"certified_on": "2026-07-30", "certificate": "Safe"},
                "notice": [{"clause": "7.1", "hours": 24.5, "form": "portal"}, {"clause": "7.2", "working_hours": 8}],
                "mandates": [{"clause": "9", "notifies": ["authority", "persons"]}],
            },
            "activities": [{"activity": "news", "number_of_persons": [10, 20]}],
        }
    )  # fmt: skip
    assert entry_from("clients", typed_of("clients", client), {}) == client


def test_rows_that_are_emptied_or_taken_away_are_gone_and_the_others_close_up() -> None:
    """What a row holds from the start (a language, a form) makes it no entry."""
    typed = {
        "id": ("x",), "name": ("X",), "contacts.1.name": ("",), "contacts.1.language": ("fr",),
        "contacts.2.name": ("Ann",), "contacts.3.name": ("Bob",), "contacts.3.remove": ("1",),
        "contacts.7.name": ("Cleo",),
    }  # fmt: skip
    kept = renumbered("clients", typed)
    assert (kept["contacts.1.name"], kept["contacts.2.name"]) == (("Ann",), ("Cleo",))
    assert not any(one.startswith("contacts.3") for one in kept)


@pytest.mark.parametrize(
    ("part", "typed", "field"),
    [
        ("systems", {"name.fr": "S", "match.networks": "192.0.2.7/24"}, "match"),
        ("systems", {"name.fr": "S", "match.labels": "service"}, "match.labels"),
        ("systems", {"name.en": "S"}, "name.fr"),
        ("systems", {"name.fr": "S", "valid_from": "2026-02-01", "valid_to": "2026-01-01"}, ""),
        ("clients", {"name": "C", "contacts.1.name": "A", "contacts.1.email": "no mailbox"}, "contacts.1.email"),
        ("clients", {"name": "C", "country": "France"}, "country"),
        ("clients", {"name": "C", "siren": "12"}, "siren"),
        ("clients", {"name": "C", "contract.notice_hours": "a day"}, "contract.notice_hours"),
        ("clients", {"name": "C", "contract.notice.1.hours": "5"}, "contract.notice.1.clause"),
        ("activities", {"name.fr": "A", "our_role": "joint", "number_of_persons:least": "x"}, "number_of_persons"),
        ("activities", {"name.fr": "A", "our_role": "boss"}, "our_role"),
        ("providers", {"name": "P"}, "service"),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_field(part: str, typed: dict[str, str], field: str) -> None:
    """With a sentence that says what would be right."""
    found = entry_from(part, {"id": ("x",), **{name: (one,) for name, one in typed.items()}}, {})
    assert isinstance(found, list)
    assert field in [one.field for one in found]
    assert all(isinstance(one, Misfit) and one.sentence for one in found)


# ---------- pages ----------


def test_a_change_on_the_page_is_a_revision_with_who_when_and_why(edge: Edge, dpo: TestClient) -> None:
    """The entry changes, the former one stays in the history, which says what changed."""
    before = revision(edge)
    form = forms_in(dpo.get("/inventory/entry/systems/mail").text)["/inventory/entry/systems/mail"]
    answer = form.send(dpo, **{"match.hosts": "mail-*\nsmtp-*", "reason": "A second server."})
    assert answer.status_code == 303, text_in(answer.text)
    assert entry(edge, "systems", "mail").match.hosts == ("mail-*", "smtp-*")
    assert revision(edge) == before + 1
    listed = text_in(dpo.get("/inventory/history").text)
    assert "A second server." in listed
    shown = text_in(dpo.get(f"/inventory/history/{before + 1}").text)
    assert "smtp-*" in shown
    assert dpo.get("/inventory/history/999").status_code == 404


def test_whoever_saves_over_a_newer_revision_is_told_and_loses_nothing(edge: Edge, dpo: TestClient) -> None:
    """What they typed stands on the page; saving again puts it over the newer revision, knowingly."""
    path = "/inventory/entry/systems/telephony"
    mine = forms_in(dpo.get(path).text)[path]
    forms_in(dpo.get(path).text)[path].send(dpo, **{"name.en": "Phones", "reason": "Shorter."})
    answer = mine.send(dpo, **{"name.en": "Calls", "reason": "Mine."})
    assert answer.status_code == 422
    assert entry(edge, "systems", "telephony").name.en == "Phones"
    again = forms_in(answer.text)[path]
    assert again.fields["name.en"] == ["Calls"]
    assert again.send(dpo).status_code == 303
    assert entry(edge, "systems", "telephony").name.en == "Calls"


def test_an_entry_is_added_with_an_id_made_of_its_name(edge: Edge, dpo: TestClient) -> None:
    """A second one of the same name gets a number; without a reason nothing is added."""
    path = "/inventory/entry/clients"
    for expected in ("societe-d-essai", "societe-d-essai-2"):
        form = forms_in(dpo.get(path).text)[path]
        sent = {"name": "Société d’essai", "our_role": "processor", "contacts.1.name": "Ann", "reason": "New."}
        assert form.send(dpo, **{**sent, "reason": ""}).status_code == 422
        assert form.send(dpo, **sent).status_code == 303
        made = entry(edge, "clients", expected)
        assert [one.name for one in made.contacts] == ["Ann"]


def test_faults_stand_at_their_fields_and_nothing_is_recorded(edge: Edge, dpo: TestClient) -> None:
    """Every one at once, what was typed stays."""
    path, before = "/inventory/entry/systems", revision(edge)
    form = forms_in(dpo.get(path).text)[path]
    answer = form.send(dpo, **{"name.fr": "Serveur", "match.networks": "10.0.0.300", "reason": "New."})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "192.0.2.0/24" in answer.text
    assert forms_in(answer.text)[path].fields["name.fr"] == ["Serveur"]
    assert revision(edge) == before


def test_room_for_another_row_keeps_what_was_typed(dpo: TestClient) -> None:
    """Without a script: a button of the same form."""
    path = "/inventory/entry/clients"
    form = forms_in(dpo.get(path).text)[path]
    form.fields["do"] = [""]
    answer = form.send(dpo, **{"contacts.1.name": "Ann", "do": "more:contacts.N"})
    assert answer.status_code == 200
    fields = forms_in(answer.text)[path].fields
    assert fields["contacts.1.name"] == ["Ann"]
    assert "contacts.3.name" in fields


def test_an_entry_ends_on_a_day_and_stays(edge: Edge, dpo: TestClient) -> None:
    """Nothing is deleted; the last organisation cannot end."""
    path = "/inventory/entry/systems/network-monitoring/end"
    form = forms_in(dpo.get(path.removesuffix("/end")).text)[path]
    assert form.send(dpo, on="2026-10-31", reason="Switched off.").status_code == 303
    ended = entry(edge, "systems", "network-monitoring")
    assert str(ended.valid_to) == "2026-10-31"
    assert "network-monitoring" in dpo.get("/inventory").text
    for one in edge.service.knowledge().inventory.organisations:  # an import may have brought others
        answer = dpo.post(f"/inventory/entry/organisations/{one.id}/end", data={"on": "2026-10-31", "reason": "x"})
    assert answer.status_code == 422


def test_whoever_only_reads_sees_entries_and_changes_none(edge: Edge) -> None:
    """No button to save, none to add; the route refuses besides."""
    viewer = edge.person(UserRole.VIEWER)
    shown = viewer.get("/inventory/entry/clients/belviere").text if entry(edge, "clients", "belviere") else ""
    shown = shown or viewer.get("/inventory/entry/systems/mail").text
    assert 'value="save"' not in shown
    assert "/inventory/import" not in viewer.get("/inventory").text
    assert viewer.get("/inventory/entry/systems").status_code == 403
    assert viewer.post("/inventory/entry/systems/mail", data={"reason": "x"}).status_code == 403
    assert viewer.get("/inventory/entry/spaceships/x").status_code == 404


# ---------- files ----------


def test_a_file_is_shown_first_and_then_imported_as_shown(edge: Edge, dpo: TestClient) -> None:
    """The second form carries the file along; what is confirmed is what was shown."""
    before = revision(edge)
    shown = dpo.post("/inventory/import", files={"file": ("registre.ods", register())})
    assert shown.status_code == 200
    assert "gestion-de-la-paie" in shown.text
    assert revision(edge) == before
    (form,) = [one for one in _forms(shown.text) if "digest" in one]
    changed = {**form, "digest": "0" * 64}
    assert dpo.post("/inventory/import", data={**changed, "do": "confirm"}).status_code == 422
    answer = dpo.post("/inventory/import", data={**form, "do": "confirm", "reason": "The register of 2026."})
    assert answer.status_code == 303, text_in(answer.text)
    assert entry(edge, "activities", "gestion-de-la-paie") is not None
    again = dpo.post("/inventory/import", data={**form, "do": "confirm"})
    assert again.status_code == 422, "the inventory has changed since it was shown"


def _forms(html: str) -> list[dict[str, str]]:
    """The fields of each form of the import page, in order; two forms have the same address."""
    found = []
    for part in html.split("<form")[1:]:
        fields = forms_in("<form" + part.partition("</form>")[0] + "</form>")
        found += [{name: values[0] for name, values in one.fields.items() if values} for one in fields.values()]
    return found


def test_every_faulty_cell_of_a_file_stands_on_the_page(edge: Edge, dpo: TestClient) -> None:
    """By sheet, row and column; nothing of the file is imported, and there is no button to do it all the same."""
    before = revision(edge)
    raw = register({PAY: {(6, 4): "jamais"}, SITE: {(37, 5): ""}})
    answer = dpo.post("/inventory/import", files={"file": ("registre.ods", raw)})
    assert answer.status_code == 422
    for sheet, row, column in ((PAY, 6, "D"), (SITE, 37, "E")):
        assert f"<td>{sheet}</td><td>{row}</td><td>{column}</td>" in answer.text
    assert 'value="confirm"' not in answer.text
    assert revision(edge) == before
    assert dpo.post("/inventory/import", data={"content": "?"}).status_code == 422
    assert dpo.post("/inventory/import", files={"file": ("x.csv", b"a;b\n")}).status_code == 422


def test_what_is_exported_comes_back_to_the_same(dpo: TestClient) -> None:
    """As YAML and as tables."""
    for form, name in (("yaml", "inventory.yaml"), ("csv", "inventory.zip")):
        raw = dpo.get("/inventory/export", params={"format": form})
        assert "attachment" in raw.headers["content-disposition"]
        shown = dpo.post("/inventory/import", files={"file": (name, raw.content)})
        assert shown.status_code == 200
        assert 'value="confirm"' not in shown.text, "nothing would change"


# ---------- API ----------


def test_programs_read_import_change_and_end(edge: Edge) -> None:
    """The same acts as the pages; a stale revision is refused."""
    headers, base = edge.signed_in(UserRole.DPO), "/api/v1/inventory"
    client = edge.client
    held = client.get(base, headers=headers).json()
    assert held["revision"] == revision(edge)
    raw = register({PAY: {(4, 4): "Paie des associés"}})
    query: dict[str, str | bool] = {"name": "registre.ods", "dry_run": True}
    tried = client.post(f"{base}/import", params=query, content=register({PAY: {(6, 4): "x"}}), headers=headers).json()
    assert [(one["sheet"], one["row"], one["column"]) for one in tried["faults"]][:1] == [(PAY, 6, "D")]
    faulty = client.post(f"{base}/import", content=register({PAY: {(6, 4): "x"}}), headers=headers)
    assert (faulty.status_code, faulty.json()["is_new"]) == (422, False)
    tried = client.post(f"{base}/import", params=query, content=raw, headers=headers).json()
    assert tried["is_dry_run"] is True
    body = {"entry": {"name": {"fr": "Bastion"}, "match": {"hosts": ["bastion"]}}, "reason": "New."}
    made = client.put(f"{base}/systems/bastion", json={**body, "revision": held["revision"]}, headers=headers)
    assert (made.status_code, made.json()["changes"][0]["kind"]) == (200, "added")
    stale = client.put(f"{base}/systems/bastion", json={**body, "revision": held["revision"]}, headers=headers)
    assert stale.status_code == 422
    assert client.get(f"{base}/systems/bastion", headers=headers).json()["match"]["hosts"] == ["bastion"]
    wrong = {"entry": {"name": {"fr": "B"}, "activities": ["nothing"]}, "reason": "x"}
    assert "nothing" in client.put(f"{base}/systems/b", json=wrong, headers=headers).json()["title"]
    ended = client.post(f"{base}/systems/bastion/end", json={"on": "2026-12-31", "reason": "Gone."}, headers=headers)
    assert [one["kind"] for one in ended.json()["changes"]] == ["ended"]
    newest = client.get(f"{base}/revisions", headers=headers).json()[0]
    assert (newest["reason"], newest["number"]) == ("Gone.", revision(edge))
    changes = client.get(f"{base}/revisions/{newest['number']}", headers=headers).json()
    assert [one["field"] for one in changes] == ["valid_to"]
