"""Who somebody is, asked of a real HTTP server that lies in every way that OpenID Connect knows of."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from breach_service.domain.access import Identity, Refusal
from breach_service.errors import ConfigurationError
from breach_service.notify import oidc_http
from breach_service.notify.oidc import OpenIdProvider, provider_of
from breach_service.notify.provider import Asked, ProviderFailed
from tests.conftest import Clock
from tests.notify.hostile_provider import CLIENT, HostileProvider, b64, hostile_provider


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def theirs(clock: Clock) -> Iterator[HostileProvider]:
    with hostile_provider(clock) as one:
        yield one


@pytest.fixture
def ours(theirs: HostileProvider) -> OpenIdProvider:
    return provider_of(theirs.registration())


def answered(theirs: HostileProvider, url: str) -> dict[str, str]:
    """The query that the browser comes back with."""
    return {name: values[0] for name, values in parse_qs(urlsplit(theirs.visit(url)).query).items()}


def signed_in(ours: OpenIdProvider, theirs: HostileProvider, now: datetime) -> Identity:
    url, asked = ours.ask("/", now)
    return ours.identify(answered(theirs, url), asked, now)


def refusal_of(ours: OpenIdProvider, theirs: HostileProvider, now: datetime) -> tuple[Refusal, str]:
    with pytest.raises(ProviderFailed) as caught:
        signed_in(ours, theirs, now)
    return caught.value.refusal, str(caught.value)


def test_a_person_comes_back_as_who_they_are(ours: OpenIdProvider, theirs: HostileProvider, clock: Clock) -> None:
    """Issuer, subject, address, groups and the provider's session, from a token that fits the question."""
    theirs.claims |= {"name": "Noé Varenne", "sid": "s-1", "groups": ["dpo", 7, "staff"]}
    assert signed_in(ours, theirs, clock()) == Identity(
        theirs.issuer, "noe", "noe@us.example", True, "Noé Varenne", frozenset({"dpo", "staff"}), "s-1"
    )


def test_the_question_is_bound_to_one_browser(ours: OpenIdProvider, clock: Clock) -> None:
    """State, nonce and the PKCE verifier are new each time, and the verifier itself is not sent."""
    (first, one), (_, two) = ours.ask("/a", clock()), ours.ask("/a", clock())
    assert len({one.state, one.nonce, one.verifier, two.state, two.nonce, two.verifier}) == 6
    query = {name: values[0] for name, values in parse_qs(urlsplit(first).query).items()}
    assert query["code_challenge"] == b64(hashlib.sha256(one.verifier.encode()).digest())
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
    assert one.verifier not in first
    assert not {one.state, one.nonce, one.verifier} & set(repr(one).split("'")), "secrets stand in no traceback"


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "http://elsewhere.example"}, {"aud": "another"}, {"aud": ["another", "third"]}, {"aud": None},
        {"aud": [CLIENT, "another"]}, {"aud": [CLIENT, "another"], "azp": "another"}, {"azp": "another"},
        {"nonce": "of another question"}, {"nonce": None}, {"sub": ""}, {"sub": None}, {"sub": 7}, {"sub": "x" * 256},
        {"exp": None}, {"iat": None}, {"exp": 0}, {"exp": "tomorrow"}, {"nbf": 4_000_000_000}, {"iat": 4_000_000_000},
        {"exp": float("nan")}, {"at_hash": "bm90IHRoZSBoYXNo"},
        {"sub": "a\0b"}, {"sub": "\ud800"}, {"at_hash": ["x"]}, {"at_hash": 7}, {"aud": 7}, {"aud": [7]}, {"iss": None},
    ],
)  # fmt: skip
def test_a_token_that_lies_opens_nothing(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock, lie: dict[str, object]
) -> None:
    """Issuer, audience, authorised party, nonce, subject, times and the hash of the access token are all looked at."""
    theirs.token_claims = lie
    refusal, why = refusal_of(ours, theirs, clock())
    assert refusal is Refusal.TOKEN_INVALID
    named = {next(iter(lie)), "azp", "TypeError"}
    assert any(one in why for one in named), "the log names the claim, or says that it is of no kind at all"


def test_a_token_for_several_is_good_where_it_names_us_as_its_party(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock
) -> None:
    """OpenID Connect Core 1.0, section 3.1.3.7, steps 3 to 5."""
    theirs.token_claims = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert signed_in(ours, theirs, clock()).subject == "noe"


@pytest.mark.parametrize(("late", "is_good"), [(29, True), (31, False)])
def test_clocks_may_differ_by_half_a_minute(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock, late: int, is_good: bool
) -> None:
    """A token is good for its time and 30 s, and not longer."""
    theirs.token_claims = {"exp": int(clock().timestamp()) - late}
    if is_good:
        assert signed_in(ours, theirs, clock()).subject == "noe"
    else:
        assert "ExpiredTokenError" in refusal_of(ours, theirs, clock())[1]


@pytest.mark.parametrize("forger", ["unsigned", "signed_with_public_key", "signed_by_another"])
def test_a_forged_signature_opens_nothing(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock, forger: str
) -> None:
    """No `none`, no HMAC over the public key, no key of somebody else, whatever the description promises."""
    theirs.description = {"id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}
    theirs.forge = getattr(theirs, forger)
    assert refusal_of(ours, theirs, clock())[0] is Refusal.TOKEN_INVALID


def test_what_is_no_token_opens_nothing(ours: OpenIdProvider, theirs: HostileProvider, clock: Clock) -> None:
    """Garbage is refused in words."""
    for garbage in ("", "a.b.c", "....", "é", "e30.e30.e30", "a" * 200_000):
        theirs.forge = lambda _claims, garbage=garbage: garbage
        assert refusal_of(ours, theirs, clock())[0] is Refusal.TOKEN_INVALID


def test_a_rotated_key_is_looked_for_once(ours: OpenIdProvider, theirs: HostileProvider, clock: Clock) -> None:
    """A key id that is not known leads to one more look, and made-up ones to no more than one a minute."""
    signed_in(ours, theirs, clock())
    theirs.rotate()
    assert signed_in(ours, theirs, clock()).subject == "noe"
    looks = theirs.asked.count("/keys")
    theirs.forge = lambda claims: theirs.signed(claims, kid="made-up")
    for _ in range(5):
        assert refusal_of(ours, theirs, clock())[0] is Refusal.TOKEN_INVALID
    assert theirs.asked.count("/keys") == looks
    clock.at += timedelta(minutes=2)
    refusal_of(ours, theirs, clock())
    assert theirs.asked.count("/keys") == looks + 1


def test_a_key_that_was_taken_back_is_believed_for_an_hour_at_most(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock
) -> None:
    """Then the keys are fetched again and what it signs opens nothing."""
    signed_in(ours, theirs, clock())
    former = theirs.key
    theirs.rotate()
    theirs.key = former
    clock.at += timedelta(minutes=61)
    assert refusal_of(ours, theirs, clock())[0] is Refusal.TOKEN_INVALID


def test_the_answer_to_another_question_is_none(ours: OpenIdProvider, theirs: HostileProvider, clock: Clock) -> None:
    """A state that is forged, missing or of another browser; and nothing was asked of the provider by then."""
    url, asked = ours.ask("/", clock())
    others = ours.ask("/", clock())[1]
    before = len(theirs.asked)
    for state in ("forged", "", others.state):
        with pytest.raises(ProviderFailed) as caught:
            ours.identify({**answered(theirs, url), "state": state}, asked, clock())
        assert caught.value.refusal is Refusal.OTHER_STATE
    assert len(theirs.asked) == before


@pytest.mark.parametrize(
    ("named", "is_promised", "is_good"),
    [(None, False, True), ("own", False, True), ("http://mixed.example", False, False), (None, True, False),
     ("own", True, True)],
)  # fmt: skip
def test_the_answer_of_another_provider_is_none(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock, named: str | None, is_promised: bool, is_good: bool
) -> None:
    """RFC 9207: `iss` must be right where it is sent, and be sent where that is promised; no code goes elsewhere."""
    theirs.description = {"authorization_response_iss_parameter_supported": is_promised}
    theirs.answer = {"iss": theirs.issuer if named == "own" else named}
    if is_good:
        assert signed_in(ours, theirs, clock()).subject == "noe"
    else:
        assert refusal_of(ours, theirs, clock())[0] is Refusal.OTHER_ISSUER
        assert "/token" not in theirs.asked


def test_a_code_counts_once_and_belongs_to_its_question(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock
) -> None:
    """A replayed code is refused by the provider, one of another browser by PKCE; its words are not repeated."""
    url, asked = ours.ask("/", clock())
    answer = answered(theirs, url)
    ours.identify(answer, asked, clock())
    with pytest.raises(ProviderFailed) as replayed:
        ours.identify(answer, asked, clock())
    theirs.keeps_codes = True
    stolen = answered(theirs, ours.ask("/", clock())[0])["code"]
    with pytest.raises(ProviderFailed) as injected:
        ours.identify({"state": asked.state, "code": stolen}, asked, clock())
    for caught in (replayed, injected):
        assert caught.value.refusal is Refusal.CODE_REFUSED
        assert "secret word" not in str(caught.value)


@pytest.mark.parametrize(
    ("word", "refusal"),
    [("access_denied", Refusal.DECLINED), ("temporarily_unavailable", Refusal.PROVIDER_DOWN),
     ("invalid_scope", Refusal.PROVIDER_REFUSED), ("<script>\n", Refusal.PROVIDER_REFUSED)],
)  # fmt: skip
def test_an_error_of_the_provider_is_told_apart(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock, word: str, refusal: Refusal
) -> None:
    """The person said no, the provider is away, or it does not take us; nothing it says goes further unlooked at."""
    theirs.answer = {"code": None, "error": word, "error_description": "click here"}
    found, why = refusal_of(ours, theirs, clock())
    assert found is refusal
    assert "<" not in why
    assert "click" not in why


@pytest.mark.parametrize(
    "answer",
    [(500, b"{}"), (200, b"no json"), (200, b"[]"), (429, b"slow down"), (200, b"{" * 5000), (200, b" " * 300_000)],
)
def test_a_token_endpoint_that_fails_is_a_provider_that_is_down(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock, answer: tuple[int, bytes]
) -> None:
    """Errors, garbage and answers without end."""
    theirs.token_answer = answer
    assert refusal_of(ours, theirs, clock())[0] is Refusal.PROVIDER_DOWN


def test_a_wrong_secret_is_told_to_the_operator(theirs: HostileProvider, clock: Clock) -> None:
    """The provider takes us for somebody else: the log says `invalid_client`, and not what was sent."""
    ours = provider_of(theirs.registration(client_secret="mistyped secret"))
    refusal, why = refusal_of(ours, theirs, clock())
    assert (refusal, "invalid_client" in why, "mistyped" in why) == (Refusal.PROVIDER_REFUSED, True, False)
    assert "mistyped" not in repr(ours.us)


def test_a_provider_that_is_away_is_told_in_words(ours: OpenIdProvider, theirs: HostileProvider, clock: Clock) -> None:
    """Before a person is sent there, and when they come back."""
    url, asked = ours.ask("/", clock())
    answer = answered(theirs, url)
    theirs.close()
    with pytest.raises(ProviderFailed) as caught:
        ours.identify(answer, asked, clock())
    assert caught.value.refusal is Refusal.PROVIDER_DOWN
    assert answer["code"] not in str(caught.value)
    fresh = provider_of(ours.us)
    with pytest.raises(ProviderFailed):
        fresh.ask("/", clock())


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "http://127.0.0.1/other"}, {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"}, {"authorization_endpoint": None}, {"token_endpoint": "https://user@host/"},
        {"jwks_uri": "https://host:port/"},
    ],
)  # fmt: skip
def test_a_description_that_leads_elsewhere_is_not_followed(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock, description: dict[str, object]
) -> None:
    """Another issuer, and addresses that are not https."""
    theirs.description = description
    with pytest.raises(ProviderFailed) as caught:
        ours.ask("/", clock())
    assert caught.value.refusal is Refusal.PROVIDER_REFUSED


def test_userinfo_fills_what_the_token_leaves_out(ours: OpenIdProvider, theirs: HostileProvider, clock: Clock) -> None:
    """And never overrules it, nor speaks of somebody else."""
    theirs.claims, theirs.userinfo = {"email": "noe@us.example"}, {"email": "other@us.example", "groups": ["dpo"]}
    found = signed_in(ours, theirs, clock())
    assert (found.email, found.groups) == ("noe@us.example", frozenset({"dpo"}))
    theirs.userinfo = {"sub": "somebody else", "groups": ["admin"]}
    assert refusal_of(ours, theirs, clock())[0] is Refusal.TOKEN_INVALID


@pytest.mark.parametrize(
    ("claim", "value", "groups"),
    [
        ("roles", "dpo", {"dpo"}),
        ("realm_access.roles", None, set()),
        ("a.b", {"c": 1}, set()),
        ("roles", [["x"]], set()),
    ],
)
def test_groups_are_read_from_the_claim_that_is_named(
    theirs: HostileProvider, clock: Clock, claim: str, value: object, groups: set[str]
) -> None:
    """One word is one group; what is no word is none."""
    theirs.claims = {"email": "noe@us.example", claim: value}
    ours = provider_of(theirs.registration(groups_claim=claim))
    assert signed_in(ours, theirs, clock()).groups == groups


def test_groups_are_found_inside_an_object(theirs: HostileProvider, clock: Clock) -> None:
    """As Keycloak has them."""
    theirs.claims = {"email": "noe@us.example", "realm_access": {"roles": ["dpo"]}}
    ours = provider_of(theirs.registration(groups_claim="realm_access.roles"))
    assert signed_in(ours, theirs, clock()).groups == {"dpo"}


@pytest.mark.parametrize("verified", ["true", 1, None, "yes"])
def test_only_true_is_a_promise_of_an_address(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock, verified: object
) -> None:
    """Words and numbers are none."""
    theirs.claims |= {"email_verified": verified}
    assert signed_in(ours, theirs, clock()).is_email_verified is None


def test_who_signed_out_there_is_told_by_a_token(ours: OpenIdProvider, theirs: HostileProvider, clock: Clock) -> None:
    """Subject, session and the number of the message."""
    ended = ours.ended(theirs.logout_token(sid="s-1", jti="n-1"), clock())
    assert (ended.subject, ended.session, ended.number) == ("noe", "s-1", "n-1")
    assert ours.ended(theirs.logout_token(sub=None, sid="s-1"), clock()).subject == ""


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "http://elsewhere.example"}, {"aud": "another"}, {"exp": 0}, {"exp": None}, {"iat": None},
        {"jti": None},
        {"sub": None}, {"nonce": "n"}, {"events": None}, {"events": {}}, {"events": {"http://other": {}}},
        {"events": []}, {"sub": 7}, {"iat": 1}, {"jti": 7},
    ],
)  # fmt: skip
def test_a_logout_token_that_lies_ends_nothing(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock, lie: dict[str, object]
) -> None:
    """Back-Channel Logout 1.0, section 2.6; an id_token, which has a nonce, is none."""
    with pytest.raises(ProviderFailed) as caught:
        ours.ended(theirs.logout_token(**lie), clock())
    assert caught.value.refusal is Refusal.TOKEN_INVALID


@pytest.mark.parametrize("forger", ["unsigned", "signed_with_public_key", "signed_by_another"])
def test_a_forged_logout_token_ends_nothing(
    ours: OpenIdProvider, theirs: HostileProvider, clock: Clock, forger: str
) -> None:
    """The same keys and algorithms as for signing in."""
    theirs.forge = getattr(theirs, forger)
    with pytest.raises(ProviderFailed):
        ours.ended(theirs.logout_token(), clock())


def test_leaving_names_us_and_carries_no_token(ours: OpenIdProvider, theirs: HostileProvider, clock: Clock) -> None:
    """RP-Initiated Logout 1.0; where the provider has no place for it there is none."""
    assert ours.leaving_url(clock()) == (
        f"{theirs.issuer}/end?client_id=breach&post_logout_redirect_uri=http%3A%2F%2Ftestserver%2Fsign-in"
    )
    theirs.description = {"end_session_endpoint": None}
    assert provider_of(ours.us).leaving_url(clock()) is None


@pytest.mark.parametrize(
    "changes",
    [{"issuer": "http://login.example"}, {"issuer": "login.example"}, {"issuer": "https://x/?a=b"},
     {"issuer": "https://u:p@x"}, {"issuer": "ftp://x"}, {"scopes": "email"}],
)  # fmt: skip
def test_settings_that_cannot_be_right_are_said_at_the_start(theirs: HostileProvider, changes: dict[str, str]) -> None:
    """An issuer that is no https address, and scopes without openid."""
    with pytest.raises(ConfigurationError, match="BREACH_OIDC_"):
        provider_of(theirs.registration(**changes))


def test_an_issuer_on_https_is_never_left_for_http() -> None:
    """Not even for this machine; only an issuer on this machine may name places there."""
    assert oidc_http.is_secure("https://login.example/token", may_be_local=False)
    assert not oidc_http.is_secure("http://127.0.0.1/token", may_be_local=False)
    assert oidc_http.is_secure("http://[::1]:9/token", may_be_local=True)
    assert not oidc_http.is_secure("http://127.0.0.1.elsewhere.example/", may_be_local=True)


def test_what_is_asked_is_kept_out_of_words() -> None:
    """The value of a question shows its page only."""
    assert repr(Asked("s", "n", "v", "/incidents")) == "Asked(next='/incidents')"
