"""What every module of a sender offers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from breach_service.domain.alert import Alert
from breach_service.domain.text import Text
from breach_service.sources.credentials import AuthKind
from breach_service.sources.parts.payload import Record
from breach_service.sources.proofs import Expectation, Proof
from breach_service.sources.redelivery import NEVER, Redelivery
from breach_service.sources.request import Delivery
from breach_service.sources.signing import GITHUB, OWN, Signing


@dataclass(frozen=True)
class Reply:
    """What a sender must be answered at once when it asks to be let speak."""

    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = field(default=())
    """More headers of the answer, names in lower case."""


class Source(ABC):
    """One kind of sender: how it says things, and how it may prove who it is. Pure: it reads no clock."""

    kind: ClassVar[str]
    """The word of `source add --kind`."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other words for it, lower case: products that it carries, names that people use."""
    title: ClassVar[Text]
    """What people call it."""
    default_auth: ClassVar[AuthKind]
    """The safest credential that it can send."""
    supported_auth: ClassVar[tuple[AuthKind, ...]]
    """Every credential that it can send by itself, the default among them; a relay before it may do the others."""
    signings: ClassVar[tuple[Signing, ...]] = (OWN, GITHUB)
    """How it signs where the credential is `hmac`: its own ways first. Any one that fits is enough."""
    secret_headers: ClassVar[tuple[str, ...]] = ()
    """Headers, lower case, in which it sends the bare secret where the credential is `bearer`."""
    secret_is_theirs: ClassVar[bool] = False
    """True where the sender makes the secret itself: `source add --secret-from` takes it over."""
    secret_mark: ClassVar[str] = ""
    """Where it only takes signing secrets that begin so: what stands behind is 32 bytes in base64."""
    redelivery: ClassVar[Redelivery] = NEVER
    """What identifies one delivery."""
    lasts_until_resolved: ClassVar[bool] = False
    """True where it says a problem again and again until it says that it is over."""
    expectations: ClassVar[tuple[Expectation, ...]] = ()
    """What the operator may say that each of its messages must carry, besides the credential."""

    @abstractmethod
    def normalise(self, source_name: str, delivery: Delivery) -> list[Alert]:
        """The alerts of one request, of the source of that name, in the order of the body.

        An empty list where it says nothing that is an alert. Raises UnreadablePayload, with what was found and what
        was expected, where the body is not of this kind; the whole body, even if only one member is at fault.
        """

    @abstractmethod
    def test_body(self) -> bytes:
        """A message that an operator can send to try the connection; it comes out with the status TEST."""

    def recognises(self, record: Record) -> bool:
        """True if an object, the first of a body, can only be of this kind; for bodies sent to the wrong address.

        Cheap, and never true by chance: two keys or values that nobody else has.
        """
        del record
        return False

    def recognises_text(self, text: str) -> bool:
        """True if a body that is no JSON can only be of this kind; for bodies sent to the wrong address."""
        del text
        return False

    def handshake(self, delivery: Delivery) -> Reply | None:
        """The answer to a request that is no alert but asks to be let speak; None for every other request.

        Looks at the method, the query and the headers before it looks at the body: every request comes through here.
        """
        del delivery
        return None

    def proof_in(self, delivery: Delivery, expected: Mapping[str, str]) -> Proof | None:
        """What must be checked with a public key of the sender before the delivery is believed; None where nothing is.

        `expected` are the values of `expectations` that the operator gave, by name. Raises WrongCredential where the
        delivery does not carry one of them, UnreadablePayload where it should be signed and is not, or names a key of
        somebody else.
        """
        del delivery, expected
        return None

    def errand(self, delivery: Delivery) -> str | None:
        """An address, https and of the sender's own hosts only, that must be visited once to confirm a subscription.

        Only asked of deliveries whose signature was checked.
        """
        del delivery
        return None
