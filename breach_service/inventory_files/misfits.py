"""What does not fit into an entry, as pydantic found it, in French and English: as few words as it takes."""

from pydantic_core import ErrorDetails

from breach_service.domain.text import Text

_BY_TYPE = {
    "string_too_short": Text(fr="ne doit pas être vide", en="must not be empty"),
    "too_short": Text(fr="une valeur au moins", en="one value at least"),
    "string_pattern_mismatch": Text(fr="a-z, 0-9, - seulement", en="a-z, 0-9, - only"),
    "extra_forbidden": Text(fr="ce nom n’existe pas ici", en="there is no such name here"),
    "date_parsing": Text(fr="un jour, tel que 2026-05-25", en="a day, such as 2026-05-25"),
    "date_from_datetime_parsing": Text(fr="un jour, tel que 2026-05-25", en="a day, such as 2026-05-25"),
    "date_type": Text(fr="un jour, tel que 2026-05-25", en="a day, such as 2026-05-25"),
    "float_parsing": Text(fr="un nombre", en="a number"),
    "float_type": Text(fr="un nombre", en="a number"),
    "int_parsing": Text(fr="un nombre entier", en="a whole number"),
    "int_type": Text(fr="un nombre entier", en="a whole number"),
    "int_from_float": Text(fr="un nombre entier", en="a whole number"),
    "finite_number": Text(fr="un nombre fini", en="a finite number"),
    "greater_than": Text(fr="un nombre plus grand que zéro", en="a number above zero"),
    "greater_than_equal": Text(fr="zéro ou plus", en="zero or more"),
    "bool_parsing": Text(fr="oui ou non", en="yes or no"),
    "bool_type": Text(fr="oui ou non", en="yes or no"),
    "string_type": Text(fr="un texte", en="a text"),
    "list_type": Text(fr="une liste", en="a list"),
    "tuple_type": Text(fr="une liste", en="a list"),
    "dict_type": Text(fr="des noms avec leurs valeurs", en="names with their values"),
    "model_type": Text(fr="des champs avec leurs valeurs", en="fields with their values"),
}
_BY_WORDS = (
    ("is after valid_to", Text(
        fr="le premier jour suit le dernier : écrire d’abord le plus ancien",
        en="the first day is after the last one: write the earlier one first",
    )),
    ("working_hours", Text(
        fr="des heures ou des heures ouvrées (working_hours), pas les deux : garder ce que dit la clause",
        en="hours or working_hours, not both: keep the one that the clause says",
    )),
    ("our_role: joint", Text(
        fr="leads et arrangement vont avec our_role: joint : les retirer, ou corriger le rôle",
        en="leads and arrangement go with our_role: joint: remove them, or correct the role",
    )),
    ("upside down", Text(
        fr="le plus petit nombre de personnes dépasse le plus grand",
        en="the smallest number of persons is larger than the largest one",
    )),
    ("host bits", Text(
        fr="une plage commence à sa première adresse : 192.0.2.0/24 ; une seule adresse : 192.0.2.7/32",
        en="a range begins at its first address, such as 192.0.2.0/24; one address alone is 192.0.2.7/32",
    )),
    ("network", Text(
        fr="un réseau s’écrit 192.0.2.0/24 ou 2001:db8::/32", en="a network is written 192.0.2.0/24 or 2001:db8::/32"
    )),
    ("say how alerts name it", Text(
        fr="dire comment les alertes le nomment : hosts, networks, labels, accounts ou applications",
        en="say how alerts name it: hosts, networks, labels, accounts or applications",
    )),
    ("unknown", Text(fr="un nom qui existe dans l’inventaire", en="a name that the inventory has")),
)  # fmt: skip
"""What an entry says of itself, by words of it."""


def misfit_of(error: ErrorDetails) -> Text:
    """What should stand there instead; in pydantic's own words only where it says something that nobody foresaw."""
    for mark, said in _BY_WORDS:
        if error["type"] == "value_error" and mark in error["msg"]:
            return said
    if error["type"] in ("literal_error", "enum"):
        choices = str(error.get("ctx", {}).get("expected", "")).replace("'", "")
        return Text(fr=choices.replace(" or ", " ou "), en=choices)
    found = _BY_TYPE.get(error["type"])
    if found is not None:
        return found
    told = str(error.get("ctx", {}).get("error") or error["msg"])
    return Text(fr=f"autre chose (en anglais : {told})", en=told)
