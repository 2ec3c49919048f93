"""The words of every fault in a file that is imported: what is wrong, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from breach_service.domain.text import Text


class FaultKind(StrEnum):
    """What can be wrong in a file."""

    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_WIDE = "too_wide"
    NOT_A_SPREADSHEET = "not_a_spreadsheet"
    OLD_EXCEL = "old_excel"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    HAS_ENTITIES = "has_entities"
    NOT_TEXT = "not_text"
    NOT_CSV = "not_csv"
    NOT_JSON = "not_json"
    EMPTY_FILE = "empty_file"
    CELL_TOO_LONG = "cell_too_long"
    FORMULA_ERROR = "formula_error"
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    NO_REGISTER = "no_register"
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    COLUMN_TWICE = "column_twice"
    UNKNOWN_SHEET = "unknown_sheet"
    UNKNOWN_FILE = "unknown_file"
    MISSING_VALUE = "missing_value"
    BEYOND_THE_HEADER = "beyond_the_header"
    USED_TWICE = "used_twice"
    NOT_A_DATE = "not_a_date"
    DATE_BEFORE_CREATION = "date_before_creation"
    NOT_YES_OR_NO = "not_yes_or_no"
    NOT_A_COUNTRY = "not_a_country"
    NOT_AN_ADDRESS = "not_an_address"
    NOT_A_MAILBOX = "not_a_mailbox"
    NO_SUCH_SHEET = "no_such_sheet"
    NOT_LISTED = "not_listed"
    CONTRADICTS_SENSITIVE = "contradicts_sensitive"
    CONTRADICTS_TRANSFER = "contradicts_transfer"
    NO_DATA = "no_data"
    UNKNOWN_CATEGORY = "unknown_category"
    NO_GUARANTEE = "no_guarantee"
    NOT_ACCEPTED = "not_accepted"
    UNKNOWN_ID = "unknown_id"


@dataclass(frozen=True)
class Sentence:
    """What is wrong and what to do; `%(value)s` is what stands in the cell, `%(known)s` what could."""

    what: Text
    remedy: Text


def _said(fr: str, fr_remedy: str, en: str, en_remedy: str) -> Sentence:
    return Sentence(Text(fr=fr, en=en), Text(fr=fr_remedy, en=en_remedy))


SENTENCES: Mapping[FaultKind, Sentence] = {
    FaultKind.TOO_LARGE: _said(
        "Le fichier est trop volumineux.", "Gardez les feuilles utiles et enregistrez-le de nouveau.",
        "The file is too large.", "Keep the sheets that matter and save it again.",
    ),
    FaultKind.TOO_MANY_ROWS: _said(
        "La feuille « %(value)s » compte trop de lignes.", "Supprimez les lignes superflues ou partagez le fichier.",
        "The sheet “%(value)s” has too many rows.", "Delete the rows that are not needed, or split the file.",
    ),
    FaultKind.TOO_WIDE: _said(
        "La feuille « %(value)s » compte trop de colonnes.", "Supprimez les colonnes superflues.",
        "The sheet “%(value)s” has too many columns.", "Delete the columns that are not needed.",
    ),
    FaultKind.NOT_A_SPREADSHEET: _said(
        "Ce fichier n’est ni un classeur ODS ni un classeur XLSX.", "Enregistrez-le dans l’un de ces formats.",
        "This file is neither an ODS nor an XLSX spreadsheet.", "Save it as one of these.",
    ),
    FaultKind.OLD_EXCEL: _said(
        "Ce classeur est à l’ancien format d’Excel (XLS), ou protégé par un mot de passe.",
        "Enregistrez-le en XLSX ou en ODS, sans mot de passe.",
        "This spreadsheet is in the old format of Excel (XLS), or protected by a password.",
        "Save it as XLSX or ODS, without a password.",
    ),
    FaultKind.ENCRYPTED: _said(
        "Ce classeur est protégé par un mot de passe.", "Enregistrez-le sans mot de passe.",
        "This spreadsheet is protected by a password.", "Save it without a password.",
    ),
    FaultKind.BROKEN: _said(
        "Ce fichier est endommagé : %(value)s.", "Ouvrez-le dans un tableur et enregistrez-le de nouveau.",
        "This file is damaged: %(value)s.", "Open it in a spreadsheet program and save it again.",
    ),
    FaultKind.HAS_ENTITIES: _said(
        "Ce fichier contient des déclarations qu’aucun tableur n’écrit ; il est refusé.",
        "Ouvrez-le dans un tableur et enregistrez-le de nouveau, ou demandez d’où il vient.",
        "This file holds declarations that no spreadsheet program writes; it is refused.",
        "Open it in a spreadsheet program and save it again, or ask where it comes from.",
    ),
    FaultKind.NOT_TEXT: _said(
        "Ce fichier n’est pas un texte.", "Enregistrez-le en CSV, encodage UTF-8.",
        "This file is not text.", "Save it as CSV, encoded in UTF-8.",
    ),
    FaultKind.NOT_CSV: _said(
        "Ce fichier CSV ne peut pas être lu : %(value)s.", "Vérifiez les guillemets de cette ligne.",
        "This CSV file cannot be read: %(value)s.", "Check the quotation marks of that line.",
    ),
    FaultKind.NOT_JSON: _said(
        "Ce fichier n’est pas le JSON attendu : %(value)s.", "Exportez-le de nouveau, sans le modifier.",
        "This file is not the JSON expected: %(value)s.", "Export it again, without changing it.",
    ),
    FaultKind.EMPTY_FILE: _said(
        "Le fichier est vide.", "Choisissez-en un autre.", "The file is empty.", "Choose another.",
    ),
    FaultKind.CELL_TOO_LONG: _said(
        "Le texte de cette cellule est trop long.", "Raccourcissez-le.",
        "The text of this cell is too long.", "Shorten it.",
    ),
    FaultKind.FORMULA_ERROR: _said(
        "La formule de cette cellule donne une erreur : %(value)s.", "Corrigez-la ou écrivez la valeur.",
        "The formula of this cell gives an error: %(value)s.", "Correct it or write the value.",
    ),
    FaultKind.FORMULA_WITHOUT_VALUE: _said(
        "La formule de cette cellule n’a pas été calculée.", "Écrivez la valeur, ou ouvrez et enregistrez le fichier.",
        "The formula of this cell was not calculated.", "Write the value, or open and save the file.",
    ),
    FaultKind.NO_REGISTER: _said(
        "Aucune fiche de registre n’a été trouvée.",
        "Choisissez le registre de la CNIL : une feuille par traitement, avec « Description du traitement ».",
        "No sheet of a register was found.",
        "Choose the CNIL’s register: one sheet per activity, with “Description du traitement”.",
    ),
    FaultKind.MISSING_COLUMN: _said(
        "La colonne « %(value)s » manque.", "Ajoutez-la à la ligne des titres.",
        "The column “%(value)s” is missing.", "Add it to the row of titles.",
    ),
    FaultKind.UNKNOWN_COLUMN: _said(
        "La colonne « %(value)s » n’est pas connue.", "Supprimez-la ou corrigez son titre%(known)s.",
        "The column “%(value)s” is not known.", "Remove it or correct its title%(known)s.",
    ),
    FaultKind.COLUMN_TWICE: _said(
        "La colonne « %(value)s » figure deux fois.", "Gardez-en une.",
        "The column “%(value)s” is there twice.", "Keep one of them.",
    ),
    FaultKind.UNKNOWN_SHEET: _said(
        "La feuille « %(value)s » n’est pas une partie de l’inventaire.", "Renommez-la : %(known)s.",
        "The sheet “%(value)s” is no part of the inventory.", "Rename it: %(known)s.",
    ),
    FaultKind.UNKNOWN_FILE: _said(
        "Le nom du fichier « %(value)s » n’est pas celui d’une partie de l’inventaire.",
        "Le fichier doit s’appeler %(known)s.",
        "The name of the file “%(value)s” is not that of a part of the inventory.",
        "The file must be called %(known)s.",
    ),
    FaultKind.MISSING_VALUE: _said(
        "« %(known)s » n’est pas rempli.", "Remplissez cette cellule.",
        "“%(known)s” is not filled in.", "Fill in this cell.",
    ),
    FaultKind.BEYOND_THE_HEADER: _said(
        "Cette cellule n’est sous aucun titre.", "Vérifiez les séparateurs et les guillemets de la ligne.",
        "This cell stands under no title.", "Check the separators and the quotation marks of the row.",
    ),
    FaultKind.USED_TWICE: _said(
        "« %(value)s » est déjà utilisé (%(known)s).", "Donnez à chaque entrée sa propre référence.",
        "“%(value)s” is used already (%(known)s).", "Give each entry a reference of its own.",
    ),
    FaultKind.NOT_A_DATE: _said(
        "« %(value)s » n’est pas une date.", "Écrivez-la jj/mm/aaaa ou aaaa-mm-jj.",
        "“%(value)s” is not a date.", "Write it dd/mm/yyyy or yyyy-mm-dd.",
    ),
    FaultKind.DATE_BEFORE_CREATION: _said(
        "La mise à jour (%(value)s) est antérieure à la création (%(known)s).", "Corrigez l’une des deux dates.",
        "The update (%(value)s) is before the creation (%(known)s).", "Correct one of the two dates.",
    ),
    FaultKind.NOT_YES_OR_NO: _said(
        "« %(value)s » n’est ni Oui ni Non.", "Écrivez Oui ou Non.",
        "“%(value)s” is neither yes (Oui) nor no (Non).", "Write Oui or Non.",
    ),
    FaultKind.NOT_A_COUNTRY: _said(
        "« %(value)s » n’est pas un pays connu.", "Écrivez son nom en français ou son code à deux lettres.",
        "“%(value)s” is no known country.", "Write its name or its code of two letters.",
    ),
    FaultKind.NOT_AN_ADDRESS: _said(
        "« %(value)s » n’est pas une adresse IP.", "Corrigez-la ou videz la cellule.",
        "“%(value)s” is not an IP address.", "Correct it or empty the cell.",
    ),
    FaultKind.NOT_A_MAILBOX: _said(
        "« %(value)s » n’est pas une adresse électronique.", "Corrigez-la ou videz la cellule.",
        "“%(value)s” is not an e-mail address.", "Correct it or empty the cell.",
    ),
    FaultKind.NO_SUCH_SHEET: _said(
        "Le traitement « %(value)s » de la liste n’a pas de fiche.", "Ajoutez sa fiche ou retirez cette ligne.",
        "The activity “%(value)s” of the list has no sheet.", "Add its sheet or remove this row.",
    ),
    FaultKind.NOT_LISTED: _said(
        "La fiche « %(value)s » ne figure pas dans la liste des traitements.", "Ajoutez-la à la liste.",
        "The sheet “%(value)s” is not in the list of activities.", "Add it to the list.",
    ),
    FaultKind.CONTRADICTS_SENSITIVE: _said(
        "La liste dit « %(value)s » pour les données sensibles, la fiche dit le contraire.", "Accordez les deux.",
        "The list says “%(value)s” for sensitive data, the sheet says the contrary.", "Make them agree.",
    ),
    FaultKind.CONTRADICTS_TRANSFER: _said(
        "La liste dit « %(value)s » pour les transferts hors UE, la fiche dit le contraire.", "Accordez les deux.",
        "The list says “%(value)s” for transfers outside the EU, the sheet says the contrary.", "Make them agree.",
    ),
    FaultKind.NO_DATA: _said(
        "Aucune catégorie de données n’est décrite.", "Décrivez au moins une catégorie de données.",
        "No category of data is described.", "Describe one category of data at least.",
    ),
    FaultKind.UNKNOWN_CATEGORY: _said(
        "« %(value)s » n’est pas une catégorie de données du modèle de la CNIL.",
        "Rétablissez le titre du modèle, ou décrivez ces données dans l’une de ses catégories.",
        "“%(value)s” is no category of data of the CNIL’s model.",
        "Restore the title of the model, or describe the data in one of its categories.",
    ),
    FaultKind.NO_GUARANTEE: _said(
        "Ce transfert vers « %(value)s » n’a pas de garantie.", "Indiquez le type de garanties (RGPD art. 45 à 49).",
        "This transfer to “%(value)s” has no guarantee.", "Give the kind of guarantee (GDPR Art. 45 to 49).",
    ),
    FaultKind.NOT_ACCEPTED: _said(
        "« %(value)s » ne convient pas ici.", "Corrigez : %(known)s.",
        "“%(value)s” does not fit here.", "Correct it: %(known)s.",
    ),
    FaultKind.UNKNOWN_ID: _said(
        "« %(value)s » ne figure pas dans l’inventaire.", "Corrigez l’identifiant ou ajoutez l’entrée (%(known)s).",
        "“%(value)s” is not in the inventory.", "Correct the id or add the entry (%(known)s).",
    ),
}  # fmt: skip
