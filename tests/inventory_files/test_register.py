"""The CNIL's register: what it proposes, and each fault in it by sheet, row and column."""

import pytest

from breach_service.domain.inventory import Inventory, Role, changes_between, merged
from breach_service.inventory_files import FaultKind, Reading, Unreadable, read_spreadsheet, register_in
from tests.inventory_files.made import LIST, PAY, SAVED, SITE, a_register

PRESENT = Inventory.model_validate(
    {
        "organisations": [{"id": "us", "name": "Exemple SAS", "siren": "123456782", "dpo": {"name": "Camille Essai"}}],
        "data_categories": [
            {"id": "health", "name": {"fr": "Santé", "en": "Health"}, "cnil": "health", "is_special": True}
        ],
        "activities": [
            {
                "id": "payroll", "name": {"fr": "Gestion de la paie", "en": "Payroll"}, "our_role": "controller",
                "data": ["health"], "number_of_persons": [40, 45],
            }
        ],
        "systems": [{"id": "hr", "name": {"fr": "RH"}, "activities": ["payroll"]}],
    }
)  # fmt: skip


def read(changes: dict[str, dict[tuple[int, int], str]], book: str = "ods") -> Reading:
    """The register with some cells written over (an empty text empties one), saved and read again."""
    register = a_register()
    for sheet, cells in changes.items():
        register[sheet] = {at: text for at, text in {**register[sheet], **cells}.items() if text}
    return register_in(read_spreadsheet(SAVED[book](register)))


@pytest.mark.parametrize("book", SAVED)
def test_a_sound_register_is_read_whole(book: str) -> None:
    """Every activity with its data, persons, recipients, transfers; the model and the CNIL's example are left out."""
    reading = read({}, book)
    assert reading.faults == ()
    proposal = reading.proposal
    assert proposal is not None
    pay, site = proposal.activities
    assert (pay.id, pay.reference, pay.our_role) == ("gestion-de-la-paie", "ref-001", Role.CONTROLLER)
    assert pay.data == ("identite", "nir", "sante")
    assert pay.data_described["sante"] == "Arrêts de travail"
    assert [one.fr for one in pay.purposes] == ["Payer les salariés", "Tenir les comptes"]
    assert [one.fr for one in pay.persons] == ["Salariés : en poste"]
    assert pay.person_kinds == ("employees",)
    assert [one.fr for one in pay.recipients] == ["Services internes : Comptabilité"]
    assert pay.retention is not None
    assert "5 ans" in pay.retention.fr
    assert pay.transfers == ()
    assert [one.fr for one in site.transfers] == ["Acme Inc., États-Unis, Clauses contractuelles types"]
    assert [(one.id, one.cnil, one.is_special) for one in proposal.data_categories][-1] == ("sante", "health", True)
    (organisation,) = proposal.organisations
    assert (organisation.name, organisation.city, organisation.dpo.email) == (
        "Exemple SAS",
        "Lyon",
        "dpo@exemple.example",
    )


SEEDED = [
    (LIST, 13, "B", "", FaultKind.MISSING_VALUE),
    (LIST, 13, "C", "31/02/2024", FaultKind.NOT_A_DATE),
    (LIST, 13, "D", "02/01/2024", FaultKind.DATE_BEFORE_CREATION),
    (LIST, 13, "F", "peut-être", FaultKind.NOT_YES_OR_NO),
    (LIST, 13, "G", "Non", FaultKind.CONTRADICTS_SENSITIVE),
    (LIST, 14, "F", "Non", FaultKind.CONTRADICTS_TRANSFER),
    (LIST, 14, "B", "ref-001", FaultKind.USED_TWICE),
    (PAY, 4, "D", "", FaultKind.MISSING_VALUE),
    (PAY, 5, "D", "", FaultKind.MISSING_VALUE),
    (PAY, 6, "D", "hier", FaultKind.NOT_A_DATE),
    (PAY, 7, "D", "31/01/2024", FaultKind.DATE_BEFORE_CREATION),
    (PAY, 10, "B", "", FaultKind.MISSING_VALUE),
    (PAY, 10, "F", "Narnia", FaultKind.NOT_A_COUNTRY),
    (PAY, 11, "H", "dpo chez exemple", FaultKind.NOT_A_MAILBOX),
    (PAY, 16, "D", "", FaultKind.MISSING_VALUE),
    (PAY, 20, "D", "", FaultKind.MISSING_VALUE),
    (PAY, 24, "A", "Données inventées", FaultKind.UNKNOWN_CATEGORY),
    (SITE, 5, "D", "ref-001", FaultKind.USED_TWICE),
    (SITE, 37, "D", "", FaultKind.MISSING_VALUE),
    (SITE, 37, "D", "Atlantide", FaultKind.NOT_A_COUNTRY),
    (SITE, 37, "E", "", FaultKind.NO_GUARANTEE),
]


@pytest.mark.parametrize(("sheet", "row", "column", "text", "kind"), SEEDED)
def test_each_seeded_fault_is_found_by_sheet_row_and_column(
    sheet: str, row: int, column: str, text: str, kind: FaultKind
) -> None:
    """Where it stands, with a sentence and a remedy in both languages; and nothing is half imported."""
    reading = read({sheet: {(row, ord(column) - 64): text}})
    found = [one for one in reading.faults if (one.sheet, one.row, one.column, one.kind) == (sheet, row, column, kind)]
    assert found, reading.faults
    assert found[0].what.fr != found[0].what.en
    assert found[0].remedy.fr.endswith(".")
    assert "%(" not in found[0].what.fr + found[0].remedy.fr
    assert reading.proposal is None


def test_all_faults_of_a_file_are_told_at_once() -> None:
    """A DPO corrects a register in one go; on both sheets, xlsx or ods alike."""
    faulty = {PAY: {(6, 4): "hier", (10, 6): "Narnia"}, SITE: {(16, 4): "", (37, 5): ""}, LIST: {(13, 3): "demain"}}
    told = {
        book: [(one.sheet, one.row, one.column, one.kind) for one in read(faulty, book).faults]
        for book in ("ods", "xlsx")
    }
    assert (
        told["ods"]
        == told["xlsx"]
        == [
            (PAY, 6, "D", FaultKind.NOT_A_DATE),
            (PAY, 10, "F", FaultKind.NOT_A_COUNTRY),
            (SITE, 16, "D", FaultKind.MISSING_VALUE),
            (SITE, 37, "E", FaultKind.NO_GUARANTEE),
            (LIST, 13, "C", FaultKind.NOT_A_DATE),
        ]
    )


def test_an_activity_without_data_or_without_a_line_in_the_list_is_a_fault() -> None:
    """And a line of the list without a sheet is one too."""
    register = a_register()
    for at in ((20, 4), (20, 5), (22, 4), (22, 5), (24, 4)):
        register[PAY].pop(at)
    register[LIST] = {at: text for at, text in register[LIST].items() if at[0] != 14}
    register[LIST] |= {(14, 1): "Autre", (14, 2): "ref-007"}
    faults = register_in(read_spreadsheet(SAVED["ods"](register))).faults
    assert {(one.sheet, one.row, one.kind) for one in faults} >= {
        (PAY, 19, FaultKind.NO_DATA),
        (SITE, 1, FaultKind.NOT_LISTED),
        (LIST, 14, FaultKind.NO_SUCH_SHEET),
    }


def test_a_file_that_is_no_register_is_refused() -> None:
    """With a sentence that says which file to choose."""
    with pytest.raises(Unreadable) as refused:
        register_in(read_spreadsheet(SAVED["ods"]({"Feuille1": {(1, 1): "Bonjour"}})))
    assert refused.value.kind is FaultKind.NO_REGISTER
    assert "CNIL" in refused.value.text().fr


def test_laid_over_an_inventory_it_keeps_what_people_wrote_there() -> None:
    """Ids, English words, numbers of persons and systems stay; what the register says anew is changed."""
    proposal = read({}).proposal
    assert proposal is not None
    after = merged(PRESENT, proposal)
    assert after.faults() == []
    pay = after.activity("payroll")
    assert pay is not None
    assert pay.number_of_persons == (40, 45)
    assert pay.name.en == "Payroll"
    assert set(pay.data) == {"identite", "nir", "health"}
    assert after.organisations[0].siren == "123456782"
    lines = {(one.kind, one.part, one.id, one.field) for one in changes_between(PRESENT, after)}
    assert ("added", "activities", "site-internet", "") in lines
    assert ("changed", "activities", "payroll", "data") in lines
    assert ("changed", "organisations", "us", "city") in lines
    assert not [one for one in lines if one[3].startswith("name") or one[0] in ("ended", "removed")]
    assert merged(after, proposal) == after
