"""The words of each reason of a duty, and what each duty rests on."""

from breach_service.domain.assessment.duties import DutyReason
from breach_service.domain.text import Text

ARTICLES = {
    "register": Text(fr="RGPD art. 33(5)", en="GDPR Art. 33(5)"),
    "authority": Text(fr="RGPD art. 33(1)", en="GDPR Art. 33(1)"),
    "persons": Text(fr="RGPD art. 34", en="GDPR Art. 34"),
    "clients": Text(fr="RGPD art. 33(2)", en="GDPR Art. 33(2)"),
}
"""What each duty rests on."""

REASON_WORDS: dict[DutyReason, Text] = {
    DutyReason.NO_PERSONAL_DATA: Text(
        fr="Aucune donnée personnelle n’est en jeu : ce n’est pas une violation au sens de l’article 4(12).",
        en="No personal data are involved: this is no breach in the sense of Article 4(12).",
    ),
    DutyReason.NO_LOSS: Text(
        fr="Rien n’a été divulgué, modifié ni perdu : il n’y a pas de violation (article 4(12)).",
        en="Nothing was disclosed, altered or lost: there is no breach (Article 4(12)).",
    ),
    DutyReason.BREACH: Text(
        fr="Il y a une violation de données personnelles (article 4(12)).",
        en="There is a breach of personal data (Article 4(12)).",
    ),
    DutyReason.BREACH_POSSIBLE: Text(
        fr="Une violation de données personnelles n’est pas exclue.",
        en="A breach of personal data is not excluded.",
    ),
    DutyReason.RISK: Text(
        fr="Un risque pour les personnes n’est pas improbable.", en="A risk to the persons is not unlikely."
    ),
    DutyReason.RISK_POSSIBLE: Text(
        fr="Il n’est pas établi qu’un risque pour les personnes soit improbable.",
        en="It is not established that a risk to the persons is unlikely.",
    ),
    DutyReason.RISK_UNLIKELY: Text(
        fr="Un risque pour les personnes est improbable.", en="A risk to the persons is unlikely."
    ),
    DutyReason.HIGH_RISK: Text(
        fr="Un risque élevé pour les personnes est probable.", en="A high risk to the persons is likely."
    ),
    DutyReason.HIGH_RISK_POSSIBLE: Text(
        fr="Un risque élevé pour les personnes n’est pas exclu.", en="A high risk to the persons is not excluded."
    ),
    DutyReason.NO_HIGH_RISK: Text(
        fr="Le risque n’est pas élevé : l’article 34(1) ne s’applique pas.",
        en="The risk is not high: Article 34(1) does not apply.",
    ),
    DutyReason.UNINTELLIGIBLE: Text(
        fr="Des mesures préalables rendent les données inintelligibles (article 34(3)(a)).",
        en="Measures taken beforehand make the data unintelligible (Article 34(3)(a)).",
    ),
    DutyReason.LATER_MEASURES: Text(
        fr="Des mesures ultérieures écartent le risque élevé (article 34(3)(b)).",
        en="Later measures remove the high risk (Article 34(3)(b)).",
    ),
    DutyReason.PUBLIC_COMMUNICATION: Text(
        fr=(
            "Informer chaque personne demanderait des efforts disproportionnés : une communication publique, aussi "
            "efficace, en tient lieu (article 34(3)(c))."
        ),
        en=(
            "Telling each person would take disproportionate effort: an equally effective public communication takes "
            "its place (Article 34(3)(c))."
        ),
    ),
    DutyReason.ORDERED: Text(
        fr="L’autorité a ordonné d’informer les personnes, quel que soit le risque (article 34(4)).",
        en="The authority ordered that the persons be told, whatever the risk (Article 34(4)).",
    ),
    DutyReason.EXEMPTED_BY_AUTHORITY: Text(
        fr="L’autorité a constaté que les personnes n’ont pas à être informées (article 34(4)).",
        en="The authority found that the persons need not be told (Article 34(4)).",
    ),
    DutyReason.DEFERRED_BY_POLICE: Text(
        fr=(
            "La police ou un juge a demandé de différer l’information : elle reste due, et se fera dès que la demande "
            "sera levée (considérant 88)."
        ),
        en=(
            "The police or a judge asked to put the communication off: it stays due, as soon as the request is lifted "
            "(recital 88)."
        ),
    ),
    DutyReason.VOLUNTARY: Text(
        fr="Les personnes sont informées de notre propre initiative.", en="The persons are told of our own accord."
    ),
    DutyReason.PART_ONLY: Text(
        fr="Une partie des personnes seulement est à informer ; les autres, et la raison, sont notées.",
        en="Only a part of the persons is to be told; the others, and the reason, are recorded.",
    ),
    DutyReason.FLAW: Text(
        fr=(
            "Une faille de sécurité ayant des conséquences sur le traitement est confirmée : notre politique de "
            "confidentialité promet d’en informer le client, même sans violation."
        ),
        en=(
            "A security flaw with consequences on the processing is confirmed: our privacy policy promises clients to "
            "hear of it, even without a breach."
        ),
    ),
    DutyReason.FLAW_POSSIBLE: Text(
        fr="Une faille ayant des conséquences sur le traitement n’est pas exclue.",
        en="A flaw with consequences on the processing is not excluded.",
    ),
    DutyReason.NO_CLIENT: Text(
        fr="Ces données sont les nôtres : aucun client n’est à informer.",
        en="These data are our own: there is no client to tell.",
    ),
    DutyReason.OWED_BY_CLIENT: Text(
        fr="C’est au client, responsable de traitement, d’y pourvoir ; nous l’aidons (article 28(3)(f)).",
        en="This is for the client, who is the controller; we assist (Article 28(3)(f)).",
    ),
    DutyReason.OWED_BY_JOINT_CONTROLLER: Text(
        fr="L’accord entre responsables conjoints en charge l’autre partie (article 26).",
        en="The arrangement between the joint controllers gives this to the other party (Article 26).",
    ),
    DutyReason.LEAD_NOT_KNOWN: Text(
        fr=(
            "L’inventaire ne dit pas lequel des responsables conjoints notifie (article 26) : mettez-vous d’accord "
            "sans attendre, et notifiez dans le doute."
        ),
        en=(
            "The inventory does not say which of the joint controllers notifies (Article 26): agree without delay, "
            "and notify if in doubt."
        ),
    ),
}
"""Each reason as one sentence."""

FLAW_ARTICLE = Text(fr="Politique de confidentialité, section 5", en="Privacy policy, section 5")
