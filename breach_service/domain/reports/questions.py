"""The five questions of a report. One of them must be answered; whoever reports does not need to know the rest."""

from dataclasses import dataclass
from enum import StrEnum

from breach_service.domain.text import Text


class QuestionKind(StrEnum):
    """What an answer is."""

    WORDS = "words"
    INSTANT = "instant"
    TRUTH = "truth"
    """yes, no or unknown."""


@dataclass(frozen=True)
class Question:
    """One question, with what helps to answer it."""

    id: str
    kind: QuestionKind
    words: Text
    hint: Text
    is_required: bool = False


QUESTIONS = (
    Question(
        "what", QuestionKind.WORDS,
        Text(fr="Que s’est-il passé ?", en="What happened?"),
        Text(
            fr="Une phrase suffit : ordinateur perdu, courriel envoyé à la mauvaise personne, message suspect…",
            en="One sentence is enough: a lost laptop, a mail sent to the wrong person, a suspicious message…",
        ),
        is_required=True,
    ),
    Question(
        "when", QuestionKind.INSTANT,
        Text(fr="Quand est-ce arrivé ?", en="When did it happen?"),
        Text(
            fr="À peu près, si vous ne savez pas exactement. Laissez vide si vous n’en avez aucune idée.",
            en="Roughly, if you do not know exactly. Leave it empty if you have no idea.",
        ),
    ),
    Question(
        "where", QuestionKind.WORDS,
        Text(fr="Où : quel outil, quel appareil, quel fichier ?", en="Where: which tool, which device, which file?"),
        Text(
            fr="Le nom que vous employez tous les jours convient.",
            en="The name that you use every day will do.",
        ),
    ),
    Question(
        "persons", QuestionKind.TRUTH,
        Text(
            fr="Des informations sur des personnes sont-elles concernées ?",
            en="Is information about persons concerned?",
        ),
        Text(
            fr="Noms, adresses, comptes, dossiers, photos… de clients, de collègues ou d’autres personnes.",
            en="Names, addresses, accounts, files, photographs… of clients, colleagues or anybody else.",
        ),
    ),
    Question(
        "done", QuestionKind.WORDS,
        Text(fr="Qu’a-t-on déjà fait, et qui est au courant ?", en="What was done so far, and who knows?"),
        Text(
            fr="« Rien » est aussi une bonne réponse. N’effacez rien et n’éteignez rien avant qu’on vous le demande.",
            en="“Nothing” is a good answer too. Delete nothing and switch nothing off before you are asked to.",
        ),
    ),
)  # fmt: skip
