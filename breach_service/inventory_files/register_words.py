"""The titles of the CNIL's register spreadsheet (registre-traitement-simplifie.ods, 2019, and as it was since).

A sheet « Liste des traitements » and one sheet per activity (« fiche de registre »). Titles are compared without case,
accents and punctuation; the older wording stands beside the present one.
"""

from collections.abc import Mapping
from enum import StrEnum

from breach_service.domain.inventory import DataCategory
from breach_service.domain.text import Text


class Section(StrEnum):
    """The blocks of a sheet of the register, by the title that begins them."""

    DESCRIPTION = "description du traitement"
    ACTORS = "acteurs"
    PURPOSES = "finalite(s) du traitement"
    DATA = "categories de donnees personnelles"
    SPECIAL = "donnees sensibles"
    PERSONS = "categories de personnes"
    RECIPIENTS = "destinataires"
    SECURITY = "mesures de securite"
    TRANSFERS = "transferts hors ue"


LIST_TITLES: Mapping[str, tuple[str, ...]] = {
    "name": ("nom du traitement", "nom / sigle", "nom/sigle"),
    "reference": ("n° / ref", "n°/ref", "no / ref", "ref", "reference"),
    "created": ("date de creation de la fiche", "date de creation"),
    "updated": ("derniere mise a jour de la fiche", "derniere mise a jour", "mise a jour"),
    "controller": ("responsable du traitement", "acteur"),
    "purpose": ("finalite principale", "finalite du traitement"),
    "transfers": ("transferts hors ue",),
    "special": ("donnees sensibles",),
}
DESCRIPTION: Mapping[str, tuple[str, ...]] = {
    "name": ("nom du traitement", "nom / sigle", "nom/sigle"),
    "reference": ("n° / ref", "n°/ref", "no / ref", "ref", "reference"),
    "created": ("date de creation du traitement", "date de creation de la fiche", "date de creation"),
    "updated": ("mise a jour du traitement", "mise a jour de la fiche", "derniere mise a jour", "mise a jour"),
}
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("nom",),
    "address": ("adresse",),
    "postal_code": ("code postal", "cp"),
    "city": ("ville",),
    "country": ("pays",),
    "phone": ("telephone", "tel"),
    "email": ("adresse mel", "email", "e-mail", "mel", "courriel", "adresse electronique"),
    "said": ("description", "type de destinataire", "type de mesure", "type de mesure de securite", "type"),
    "more": ("precisions", "precision"),
    "retention": ("duree de conservation", "delai d'effacement", "delais d'effacement"),
    "recipient": ("destinataire", "organisme destinataire"),
    "guarantee": ("type de garanties", "type de garantie", "garanties"),
    "link": ("lien vers la documentation", "lien vers le document", "documentation", "lien vers la doc"),
}
CONTROLLER, DPO, JOINT = "responsable du traitement", "delegue a la protection", "responsable(s) conjoint"
REPRESENTATIVE = "representant"
MAIN_PURPOSE = "finalite principale"


def _category(category_id: str, fr: str, en: str, cnil: str, *, special: bool = False) -> DataCategory:
    return DataCategory(id=category_id, name=Text(fr=fr, en=en), cnil=cnil, is_special=special)


CATEGORIES: Mapping[str, DataCategory] = {
    "etat civil": _category(
        "identite", "État civil, identité, données d’identification, images",
        "Civil status, identity, identification data, images", "civil_status",
    ),
    "vie personnelle": _category("vie-personnelle", "Vie personnelle", "Personal life", "other"),
    "vie professionnelle": _category("vie-professionnelle", "Vie professionnelle", "Professional life", "other"),
    "informations d'ordre economique": _category(
        "economique-et-financier", "Informations d’ordre économique et financier", "Economic and financial information",
        "financial",
    ),
    "donnees de connexion": _category("connexion", "Données de connexion", "Connection data", "other"),
    "donnees de localisation": _category("localisation", "Données de localisation", "Location data", "location"),
    "internet": _category("internet", "Internet (cookies, navigation)", "Internet (cookies, browsing)", "other"),
    "numero de securite sociale": _category("nir", "Numéro de sécurité sociale (NIR)", "Social security number", "nir"),
    "numero d'identification national": _category(
        "nir", "Numéro de sécurité sociale (NIR)", "Social security number", "nir"
    ),
    "donnees revelant l'origine": _category(
        "origine", "Origine raciale ou ethnique", "Racial or ethnic origin", "racial_origin", special=True
    ),
    "donnees revelant les opinions": _category(
        "opinions-politiques", "Opinions politiques", "Political opinions", "political", special=True
    ),
    "donnees revelant les convictions": _category(
        "convictions", "Convictions religieuses ou philosophiques", "Religious or philosophical beliefs",
        "philosophical", special=True,
    ),
    "donnees revelant l'appartenance": _category(
        "appartenance-syndicale", "Appartenance syndicale", "Trade union membership", "trade_union", special=True
    ),
    "donnees genetiques": _category("genetique", "Données génétiques", "Genetic data", "genetic", special=True),
    "donnees biometriques": _category(
        "biometrie", "Données biométriques", "Biometric data", "biometric", special=True
    ),
    "donnees concernant la sante": _category("sante", "Santé", "Health", "health", special=True),
    "donnees concernant la vie sexuelle": _category(
        "vie-sexuelle", "Vie sexuelle ou orientation sexuelle", "Sex life or sexual orientation",
        "sexual_orientation", special=True,
    ),
    "donnees relatives a des condamnations": _category(
        "infractions", "Condamnations pénales ou infractions", "Criminal convictions or offences", "offences"
    ),
}  # fmt: skip
"""By how their title begins. Offences are not special in the sense of Art. 9, though they stand in that block."""

PERSON_KINDS: tuple[tuple[str, str], ...] = (
    ("salari", "employees"), ("employe", "employees"), ("services internes", "employees"), ("agents", "employees"),
    ("collaborateur", "employees"), ("candidat", "other"), ("utilisateur", "users"), ("visiteur", "users"),
    ("adherent", "members"), ("membre", "members"), ("etudiant", "students"), ("eleve", "students"),
    ("militaire", "military"), ("client", "customers"), ("prospect", "customers"), ("usager", "customers"),
    ("patient", "patients"), ("mineur", "minors"), ("enfant", "minors"), ("vulnerable", "vulnerable"),
)  # fmt: skip
"""What a description holds, and the key of the CNIL form that it means."""
