"""Who may send: every family of credential, right, missing, wrong, altered and rotated."""

import base64
import hmac
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breach_service.errors import WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, secret_hash, verify
from breach_service.sources.signing import GITHUB, Signing

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SECRET = "5f2b9c0de1a74c3e8d6f90ab12cd34ef5f2b9c0de1a74c3e8d6f90ab12cd34ef"
OLD_SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
BODY = '{"title": "accès refusé"}'.encode()

BEARER = Credential(AuthKind.BEARER, secret_hashes=(secret_hash(SECRET), secret_hash(OLD_SECRET)))
URL = Credential(AuthKind.URL, secret_hashes=(secret_hash(SECRET), secret_hash(OLD_SECRET)))
HMAC = Credential(AuthKind.HMAC, secrets=(SECRET.encode(), OLD_SECRET.encode()))


def signature(secret: str, body: bytes = BODY) -> str:
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def basic(user_and_password: str) -> str:
    return "Basic " + base64.b64encode(user_and_password.encode()).decode()


def refusal(credential: Credential, headers: dict[str, str], path_secret: str | None = None, body: bytes = BODY) -> str:
    with pytest.raises(WrongCredential) as refused:
        verify(credential, headers, body, path_secret, NOW)
    assert len(str(refused.value)) > 20
    return refused.value.reason


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
@pytest.mark.parametrize("written", ["Bearer {}", "bearer  {} ", "{}", "Token {}"])
def test_a_bearer_secret_opens_while_it_is_valid(secret: str, written: str) -> None:
    """Both secrets of a rotation are accepted, however the scheme is spelled."""
    verify(BEARER, {"authorization": written.format(secret)}, BODY, None, NOW)


def test_the_password_of_http_basic_is_a_bearer_secret() -> None:
    """Senders that can do only Basic authenticate with any user name, colons in the password included."""
    verify(BEARER, {"authorization": basic(f"alertmanager:{SECRET}")}, BODY, None, NOW)
    with_colon = Credential(AuthKind.BEARER, secret_hashes=(secret_hash("a:b:c"),))
    verify(with_colon, {"authorization": basic(":a:b:c")}, BODY, None, NOW)


def test_a_bearer_secret_may_stand_alone_in_a_header_that_the_source_names() -> None:
    """A sender with a fixed header of its own is accepted under that name, and only there."""
    named = Credential(AuthKind.BEARER, secret_hashes=(secret_hash(SECRET),), headers=("x-gitlab-token",))
    verify(named, {"x-gitlab-token": SECRET}, BODY, None, NOW)
    verify(named, {"authorization": f"Bearer {SECRET}"}, BODY, None, NOW)
    assert refusal(named, {"x-other-token": SECRET}) == "missing_credential"


@pytest.mark.parametrize("headers", [{}, {"authorization": ""}, {"x-signature-256": "00"}])
def test_a_request_without_a_secret_is_refused_as_missing(headers: dict[str, str]) -> None:
    """An absent or empty Authorization header is a missing credential, not a wrong one."""
    assert refusal(BEARER, headers) == "missing_credential"


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer wrong",
        f"Bearer {SECRET[:-1]}",
        f"Bearer {secret_hash(SECRET)}",
        f"Token {SECRET[1:]}",
        f"{SECRET[1:]} {SECRET[:-1]}",
        "Basic !!!",
        basic(f"{SECRET}:"),
        basic(SECRET),
        "Basic /w==",
        "Bearer é\udcff",
    ],
)
def test_a_secret_that_is_not_of_the_source_is_refused_as_wrong(authorization: str) -> None:
    """Malformed, cut, foreign and hashed secrets are all wrong; what is stored does not open anything."""
    assert refusal(BEARER, {"authorization": authorization}) == "wrong_credential"


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
@pytest.mark.parametrize("header", ["x-signature-256", "x-hub-signature-256"])
@pytest.mark.parametrize("written", ["{}", "sha256={}", " SHA256={} "])
def test_a_signature_of_the_body_opens(secret: str, header: str, written: str) -> None:
    """Either header, with or without the prefix, by either secret of a rotation."""
    verify(HMAC, {header: written.format(signature(secret))}, BODY, None, NOW)


def test_a_signature_in_upper_case_is_the_same_signature() -> None:
    """Hexadecimal digits have no case."""
    verify(HMAC, {"x-signature-256": signature(SECRET).upper()}, BODY, None, NOW)


def test_a_source_may_name_the_header_of_its_signature() -> None:
    """A way to sign of its own replaces the usual ones."""
    named = Credential(
        AuthKind.HMAC, secrets=(SECRET.encode(),), signings=(Signing("x-grafana-alerting-signature"), GITHUB)
    )
    verify(named, {"x-grafana-alerting-signature": signature(SECRET)}, BODY, None, NOW)
    verify(named, {"x-hub-signature-256": signature(SECRET)}, BODY, None, NOW)
    assert refusal(named, {"x-signature-256": signature(SECRET)}) == "missing_signature"


def test_an_altered_body_is_refused() -> None:
    """One byte more is enough, even white space that JSON does not mind."""
    headers = {"x-signature-256": signature(SECRET)}
    assert refusal(HMAC, headers, body=BODY + b"\n") == "wrong_signature"


@pytest.mark.parametrize("written", ["sha256=", "00", "sha1=abc", "é", signature("another secret")])
def test_a_signature_that_does_not_fit_is_refused_as_wrong(written: str) -> None:
    """Malformed signatures and those made with another secret are wrong."""
    assert refusal(HMAC, {"x-signature-256": written}) == "wrong_signature"


def test_a_request_without_signature_is_refused_as_missing() -> None:
    """A bearer secret is no signature."""
    assert refusal(HMAC, {"authorization": f"Bearer {SECRET}"}) == "missing_signature"
    assert refusal(HMAC, {"x-signature-256": ""}) == "missing_signature"


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_the_secret_of_the_address_opens(secret: str) -> None:
    """Both addresses of a rotation are accepted."""
    verify(URL, {}, BODY, secret, NOW)


def test_an_address_without_or_with_another_secret_is_refused() -> None:
    """A header does not replace the secret of the address."""
    assert refusal(URL, {"authorization": f"Bearer {SECRET}"}) == "missing_credential"
    assert refusal(URL, {}, path_secret="") == "missing_credential"
    assert refusal(URL, {}, path_secret=SECRET[1:]) == "wrong_credential"


def test_a_secret_that_was_rotated_out_opens_no_more() -> None:
    """Once only the new secret is stored, the old one is wrong."""
    rotated = Credential(AuthKind.BEARER, secret_hashes=(secret_hash(SECRET),))
    assert refusal(rotated, {"authorization": f"Bearer {OLD_SECRET}"}) == "wrong_credential"
    signed = Credential(AuthKind.HMAC, secrets=(SECRET.encode(),))
    assert refusal(signed, {"x-signature-256": signature(OLD_SECRET)}) == "wrong_signature"


@pytest.mark.parametrize(
    ("auth", "hashes", "secrets"),
    [
        (AuthKind.HMAC, (), ()),
        (AuthKind.HMAC, (), (b"",)),
        (AuthKind.HMAC, (secret_hash(SECRET),), ()),
        (AuthKind.BEARER, (), ()),
        (AuthKind.BEARER, (SECRET.upper(),), ()),
        (AuthKind.URL, ("",), (b"x",)),
    ],
)
def test_a_credential_that_anybody_could_satisfy_cannot_be_made(
    auth: AuthKind, hashes: tuple[str, ...], secrets: tuple[bytes, ...]
) -> None:
    """Empty secrets and empty hashes are refused before they can open a door."""
    with pytest.raises(ValueError, match="at least one"):
        Credential(auth, hashes, secrets)


def test_secrets_do_not_show_in_what_is_logged() -> None:
    """The repr of a credential names its family and header only."""
    shown = repr(Credential(AuthKind.HMAC, secrets=(b"in clear",), headers=("x-signature",)))
    assert "in clear" not in shown
    assert "x-signature" in shown


@given(
    headers=st.dictionaries(
        st.sampled_from(["authorization", "x-signature-256", "x-hub-signature-256"]),
        st.text() | st.text().map(lambda text: f"Bearer {text}") | st.text().map(lambda text: f"Basic {text}"),
    ),
    body=st.binary(max_size=50),
    path_secret=st.none() | st.text(max_size=50),
)
@pytest.mark.parametrize("credential", [BEARER, URL, HMAC])
def test_whatever_is_presented_is_refused_in_one_of_four_words(
    credential: Credential, headers: dict[str, str], body: bytes, path_secret: str | None
) -> None:
    """Nothing but the secret opens, and nothing that is presented breaks the check."""
    reason = refusal(credential, headers, path_secret, body)
    assert reason in {"missing_credential", "wrong_credential", "missing_signature", "wrong_signature"}
