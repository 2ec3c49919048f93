"""The rota as a YAML file: what is exported can be imported."""

from io import StringIO

from pydantic import ValidationError
from ruamel.yaml import YAML

from breach_service.catalog.documents import Document, read_document
from breach_service.catalog.faults import Fault
from breach_service.catalog.wording import faults_of
from breach_service.domain.rota import RotaDocument, as_document
from breach_service.errors import N_, InvalidCommand, Sentences

MOST_CHARACTERS = 100_000
WIDTH = 100


def document_in(text: str, path: str = "rota.yaml") -> tuple[RotaDocument, Document]:
    """The rota of a file, and where in it each part stands. Raises InvalidCommand with every fault by line."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidCommand(
            N_("%(path)s: a rota has at most %(most_characters)s characters"),
            path=path,
            most_characters=MOST_CHARACTERS,
        )
    document, faults = read_document(path, text, only_words=True)
    if document is not None and not isinstance(document.data, dict):
        faults.append(document.fault((), "a rota holds named fields: write first:, and below it people:"))
    if document is None or faults:
        raise refusal(faults)
    try:
        return RotaDocument.model_validate(document.data), document
    except ValidationError as error:
        raise refusal(list(faults_of(error, document, (), RotaDocument))) from None


def refusal(faults: list[Fault]) -> InvalidCommand:
    """Faults as the error that tells them, a line each."""
    return InvalidCommand(Sentences(*map(str, sorted(set(faults)))))


def text_of(document: RotaDocument) -> str:
    """A rota as YAML."""
    yaml, written = YAML(), StringIO()
    yaml.default_flow_style = False
    yaml.width = WIDTH
    yaml.dump(as_document(document), written)
    return written.getvalue()
