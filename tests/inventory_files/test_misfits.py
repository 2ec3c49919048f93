"""What does not fit is said in French and in English, and never as a program says it."""

import pytest
from pydantic import ValidationError

from breach_service.domain.inventory import PARTS
from breach_service.inventory_files import entries_in, misfit_of, read_csv

WRONG = {
    "systems": [
        {"id": "x y", "name": {"fr": "X"}}, {"id": "x", "name": ""}, {"id": "x", "name": {"fr": "X"}, "hosts": 3},
        {"id": "x", "name": {"fr": "X"}, "networks": ["10.0.0.1/8"]},
        {"id": "x", "name": {"fr": "X"}, "networks": ["a"]},
    ],
    "clients": [
        {"id": "c", "name": "C", "contract": {"notice_hours": 0}},
        {"id": "c", "name": "C", "contract": {"notice_hours": "x"}},
        {"id": "c", "name": "C", "valid_from": "2026-02-30"},
        {"id": "c", "name": "C", "valid_from": "2026-03-01", "valid_to": "2026-02-01"},
    ],
    "activities": [
        {"id": "a", "name": {"fr": "A"}, "our_role": "owner"},
        {"id": "a", "name": {"fr": "A"}, "our_role": "processor", "persons": {"at_least": 9, "at_most": 3}},
    ],
}  # fmt: skip


@pytest.mark.parametrize(("part", "document"), [(part, one) for part, some in WRONG.items() for one in some])
def test_each_misfit_is_said_in_both_languages(part: str, document: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        PARTS[part].model_validate(document)
    for one in refused.value.errors():
        if one["type"] != "missing":
            said = misfit_of(one)
            assert said.en
            assert "en anglais" not in said.fr, one
            assert "Input should" not in said.in_language("en"), one


def test_a_cell_says_what_could_stand_there_in_the_language_of_the_reader() -> None:
    table = b"id,name,contract.notice_hours\nc,C,-3\n"
    [fault] = entries_in({"clients": read_csv(table, "clients")}).faults
    assert (fault.row, fault.column) == (2, "C")
    assert "un nombre plus grand que zéro" in f"{fault.what.fr} {fault.remedy.fr}"
    assert "a number above zero" in f"{fault.what.in_language('en')} {fault.remedy.in_language('en')}"
