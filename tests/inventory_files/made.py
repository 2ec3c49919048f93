"""Spreadsheets made by hand, cell by cell, as LibreOffice and Excel write them; and the CNIL's register in them."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

Cells: TypeAlias = Mapping[tuple[int, int], str]
Book: TypeAlias = Mapping[str, Cells]

ODS_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip with these parts."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return raw.getvalue()


def an_ods(content: str) -> bytes:
    """An ODS around the tables of its content.xml."""
    whole = f"<office:document-content {ODS_NAMES}><office:body><office:spreadsheet>{content}</office:spreadsheet>"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"{whole}</office:body></office:document-content>",
        }
    )


def as_ods(book: Book) -> bytes:
    """A book of texts as LibreOffice writes it: gaps as repeated cells and rows."""
    tables = ""
    for name, cells in book.items():
        rows, last_row = "", 0
        for row in sorted({at for at, _ in cells}):
            if row - last_row > 1:
                gap = f'table:number-rows-repeated="{row - last_row - 1}"'
                rows += f"<table:table-row {gap}><table:table-cell/></table:table-row>"
            inside, last = "", 0
            for column in sorted(at for one, at in cells if one == row):
                if column - last > 1:
                    inside += f'<table:table-cell table:number-columns-repeated="{column - last - 1}"/>'
                lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in cells[row, column].split("\n"))
                inside += f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
                last = column
            rows += f"<table:table-row>{inside}</table:table-row>"
            last_row = row
        rows += '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        tables += f"<table:table table:name={quoteattr(name)}>{rows}</table:table>"
    return an_ods(tables)


def letters(column: int) -> str:
    """A, B, … AA."""
    return letters((column - 1) // 26) + chr(65 + (column - 1) % 26) if column else ""


def an_xlsx(sheets: Mapping[str, str], strings: str = "", styles: str = "") -> bytes:
    """An XLSX around the rows of its sheets."""
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(sheets, 1)
    )
    links = "".join(f'<Relationship Id="r{at}" Target="worksheets/sheet{at}.xml"/>' for at in range(1, len(sheets) + 1))
    parts = {
        "xl/workbook.xml": f'<workbook xmlns:r="x"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>",
        "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
        "xl/styles.xml": f"<styleSheet>{styles}</styleSheet>",
    }
    for at, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{at}.xml"] = f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
    return zipped(parts)


def as_xlsx(book: Book) -> bytes:
    """A book of texts as Excel writes it: texts in a part of their own."""
    texts = list(dict.fromkeys(text for cells in book.values() for text in cells.values()))
    sheets = {}
    for name, cells in book.items():
        rows = ""
        for row in sorted({at for at, _ in cells}):
            inside = "".join(
                f'<c r="{letters(column)}{row}" t="s"><v>{texts.index(cells[row, column])}</v></c>'
                for column in sorted(at for one, at in cells if one == row)
            )
            rows += f'<row r="{row}">{inside}</row>'
        sheets[name] = rows
    strings = "".join(f'<si><t xml:space="preserve">{escape(one)}</t></si>' for one in texts)
    return an_xlsx(sheets, strings)


LIST = "2 - Liste des traitements"
PAY, SITE = "Paie", "Site internet"


def a_list() -> dict[tuple[int, int], str]:
    """The list of activities, with its two rows of titles and a note under it."""
    titles = ("Nom du traitement", "N° / RÉF", "Date de création de la fiche", "Dernière mise à jour de la fiche")
    cells = {(12, at): title for at, title in enumerate(titles, 1)}
    cells |= {(11, 1): "Identification du traitement", (11, 5): "Finalité du traitement"}
    cells |= {(11, 6): "Transferts hors UE ?", (11, 7): "Données sensibles ?", (12, 6): "Oui/non", (12, 7): "Oui/non"}
    for row, words in (
        (13, ("Gestion de la paie", "ref-001", "01/02/2024", "03/04/2025", "Payer les salariés", "Non", "Oui")),
        (14, ("Site internet", "ref-002", "2024-05-06", "", "Répondre aux demandes", "Oui", "Non")),
    ):
        cells |= {(row, at): word for at, word in enumerate(words, 1) if word}
    return {**cells, (20, 1): "(1) Le responsable du traitement est…", (1, 1): "Registre des activités de traitement"}


def an_activity(name: str, reference: str, purpose: str) -> dict[tuple[int, int], str]:
    """One sheet of the register, with its titles where the CNIL's model has them and values in D."""
    cells: dict[tuple[int, int], str] = {}

    def put(row: int, *words: str) -> None:
        cells.update({(row, at): word for at, word in enumerate(words, 1) if word})

    put(1, f"Fiche de registre {reference}")
    put(3, "Description du traitement")
    put(4, "Nom du traitement", "", "", name)
    put(5, "N° / RÉF", "", "", reference)
    put(6, "Date de création du traitement", "", "", "01/02/2024")
    put(7, "Mise à jour du traitement", "", "", "03/04/2025")
    put(9, "Acteurs", "Nom", "Adresse", "Code postal", "Ville", "Pays", "Téléphone", "Adresse mél")
    put(
        10,
        "Responsable du traitement",
        "Exemple SAS",
        "1 rue du Test",
        "69000",
        "Lyon",
        "France",
        "",
        "a@exemple.example",
    )
    put(
        11,
        "Délégué à la protection des données",
        "Camille Essai",
        "",
        "",
        "",
        "",
        "01 99 00 00 01",
        "dpo@exemple.example",
    )
    put(12, "Représentant")
    put(13, "Responsable(s) conjoint(s)", "-")
    put(15, "Finalité(s) du traitement effectué")
    put(16, "Finalité principale", "", "", purpose)
    put(17, "Sous-finalité 1", "", "", "Tenir les comptes")
    put(19, "Catégories de données personnelles concernées", "", "", "Description", "Durée de conservation")
    put(20, "État civil, identité, données d'identification, images…", "", "", "Noms, prénoms", "5 ans")
    put(21, "Données de connexion (adress IP, logs, etc.)", "", "", "-", "-")
    put(22, "Numéro de Sécurité Sociale (ou NIR)")
    put(23, "Données sensibles", "", "", "Description", "Durée de conservation")
    put(24, "Données concernant la santé")
    put(25, "Données relatives à des condamnations pénales ou infractions")
    put(27, "Catégories de personnes concernées", "", "", "Description", "Précisions")
    put(28, "Catégorie de personnes 1", "", "", "Salariés", "en poste")
    put(30, "Destinataires", "", "", "Type de destinataire", "Précisions")
    put(31, "Destinataire 1", "", "", "Services internes", "Comptabilité")
    put(33, "Mesures de sécurité", "", "", "Type de mesure de sécurité", "Précisions")
    put(34, "Mesure 1", "", "", "Sauvegarde des données", "chaque nuit")
    put(36, "Transferts hors UE", "Destinataire", "", "Pays", "Type de garanties", "Lien vers la documentation")
    put(37, "Organisme 1")
    return cells


def a_register() -> dict[str, dict[tuple[int, int], str]]:
    """A sound register: a manual, the list, the empty model, an example of the CNIL and two activities."""
    pay = an_activity("Gestion de la paie", "ref-001", "Payer les salariés")
    pay |= {(22, 4): "Numéros des salariés", (22, 5): "5 ans", (24, 4): "Arrêts de travail"}
    site = an_activity("Site internet", "ref-002", "Répondre aux demandes")
    site |= {(37, 2): "Acme Inc.", (37, 4): "États-Unis", (37, 5): "Clauses contractuelles types"}
    model = an_activity("", "ref-000", "")
    empty = {at: text for at, text in model.items() if at not in ((17, 4), (20, 4), (20, 5), (28, 4), (28, 5))}
    return {
        "1 - Mode d'emploi": {(1, 1): "Ce registre…", (2, 1): "Catégories de données"},
        LIST: a_list(),
        "3 - Modèle de fiche de registre": empty,
        "4 - Exemple - Paie": an_activity("Exemple", "ref-999", "Montrer"),
        PAY: pay,
        SITE: site,
    }


SAVED: Mapping[str, Callable[[Book], bytes]] = {"ods": as_ods, "xlsx": as_xlsx}
"""A book in each format."""
