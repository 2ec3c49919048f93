"""What each message must carry besides the credential: tokens of the sender's platform, its topic, its clientState."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from sqlmodel import select

from breach_service.acts import senders
from breach_service.acts.senders import Connection
from breach_service.app import OPERATOR, Service
from breach_service.errors import InvalidCommand
from breach_service.notify.visits import VisitFailed
from breach_service.pipeline import Gate, process
from breach_service.pipeline.verifying import MOST_NEW_ADDRESSES, KeyRing
from breach_service.store.tables import AlertRow, QuarantineRow, TimelineDetailRow
from tests.conftest import Clock
from tests.pipeline.incoming import Incoming

TENANT = "11111111-2222-3333-4444-555555555555"
REALM = "https://sso.example.fr/realms/staff"
TOPIC = "arn:aws:sns:eu-west-3:123456789012:alarms"
EXPECTED = {
    "microsoft": {"tenant": TENANT, "audience": "api://breach"},
    "google": {"audience": "https://breach.example.fr", "service-account": "push@example.iam.gserviceaccount.com"},
    "keycloak": {"issuer": REALM, "audience": "https://breach.example.fr"},
}
CLAIMS: dict[str, dict[str, Any]] = {
    "microsoft": {"iss": f"https://sts.windows.net/{TENANT}/", "aud": "api://breach", "tid": TENANT},
    "google": {
        "iss": "https://accounts.google.com",
        "aud": "https://breach.example.fr",
        "email": "push@example.iam.gserviceaccount.com",
        "email_verified": True,
    },
    "keycloak": {"iss": REALM, "aud": ["https://breach.example.fr"]},
}
KEYS_AT = {
    "microsoft": f"https://login.microsoftonline.com/{TENANT}/discovery/v2.0/keys",
    "google": "https://www.googleapis.com/oauth2/v3/certs",
    "keycloak": f"{REALM}/protocol/openid-connect/certs",
}
BODIES: dict[str, Any] = {
    "microsoft": {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {"essentials": {"alertRule": "CPU", "alertId": "1", "monitorCondition": "Fired", "severity": "Sev1"}},
    },
    "google": {"incident": {"incident_id": "1", "policy_name": "Errors", "state": "open", "started_at": 1}},
    "keycloak": {"type": "access.LOGIN_ERROR", "realmId": "staff", "time": 1_700_000_000_000, "details": {}},
}
PLATFORMS = sorted(EXPECTED)
KEY = RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "two", "use": "sig"})


class Platform:
    """Where a platform publishes its keys, asked and counted."""

    def __init__(self, *keys: RSAKey | ECKey) -> None:
        self.keys = list(keys)
        self.is_away = False
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if self.is_away:
            raise VisitFailed("the network is away")
        return json.dumps(KeySet(self.keys).as_dict(private=False)).encode()


class Sending:
    """A sender whose messages must carry more than its credential."""

    def __init__(self, incoming: Incoming, keys: KeyRing) -> None:
        self.incoming, self.keys = incoming, keys
        self._paths: dict[str, str] = {}
        self._gate = Gate(incoming.service.database, incoming.service.cipher, 100_000)

    def connect(self, kind: str, **expected: str) -> None:
        service = self.incoming.service
        wanted = Connection(kind, kind, "url", expected={key.replace("_", "-"): one for key, one in expected.items()})
        new = service.database.write(
            lambda session: senders.add_source(session, OPERATOR, wanted, service.cipher, service.now())
        )
        self._paths[kind] = new.secret
        self._gate.renew()

    def send(self, kind: str, body: Any = None, token: str = "", **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body if body is not None else BODIES[kind]).encode()
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        if token:
            sent["authorization"] = f"Bearer {token}"
        self._gate.receive(kind, self._paths[kind], sent, "", raw, self.incoming.now).result(30)
        service = self.incoming.service
        while process(service.database, service.cipher, service.knowledge(), self.incoming.now, keys=self.keys):
            pass

    def token(self, kind: str, key: RSAKey | ECKey = KEY, algorithm: str = "RS256", **changes: Any) -> str:
        now = int(self.incoming.now.timestamp())
        body_hash = sha256(json.dumps(BODIES[kind]).encode()).hexdigest()
        more = {"request_body_sha256": body_hash} if kind == "keycloak" else {}
        claims = {**CLAIMS[kind], "iat": now, "exp": now + 300, **more, **changes}
        return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key, algorithms=[algorithm])

    @property
    def reasons(self) -> list[str]:
        return [one.reason for one in self.incoming.rows(QuarantineRow)]

    @property
    def unverified(self) -> list[bool]:
        return [one.is_unverified for one in self.incoming.rows(AlertRow)]


@pytest.fixture
def platform() -> Platform:
    return Platform(KEY)


@pytest.fixture
def sending(service: Service, platform: Platform) -> Sending:
    return Sending(Incoming(service), KeyRing(platform))


@pytest.mark.parametrize("kind", PLATFORMS)
def test_a_token_of_the_platform_is_verified(kind: str, sending: Sending, platform: Platform) -> None:
    """Its keys are fetched once, from where the platform publishes them."""
    sending.connect(kind, **EXPECTED[kind])
    sending.send(kind, token=sending.token(kind))
    sending.send(kind, token=sending.token(kind, jti="another"))
    assert sending.unverified == [False]
    assert sending.reasons == []
    assert platform.asked == [KEYS_AT[kind]]


@pytest.mark.parametrize("kind", PLATFORMS)
@pytest.mark.parametrize(
    "changes",
    [{"aud": "https://other.example"}, {"iss": "https://other.example"}, {"exp": 1}, {"exp": None}, {"aud": None}],
    ids=str,
)
def test_a_token_for_somebody_else_is_set_aside(kind: str, changes: dict[str, Any], sending: Sending) -> None:
    """Whoever holds any token of the same platform cannot speak for the sender."""
    sending.connect(kind, **EXPECTED[kind])
    sending.send(kind, token=sending.token(kind, **changes))
    assert sending.unverified == []
    assert "token" in sending.reasons[0]


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("microsoft", {"tid": "99999999-2222-3333-4444-555555555555"}),
        ("google", {"email": "other@example.com"}),
        ("google", {"email_verified": False}),
        ("keycloak", {"request_body_sha256": "0" * 64}),
    ],
)
def test_what_the_operator_expects_in_the_token_must_stand_there(
    kind: str, changes: dict[str, Any], sending: Sending
) -> None:
    """Anybody can have Google sign a token for an audience; the account, the tenant and the body tell whose it is."""
    sending.connect(kind, **EXPECTED[kind])
    sending.send(kind, token=sending.token(kind, **changes))
    assert sending.unverified == []
    assert len(sending.reasons) == 1


@pytest.mark.parametrize("kind", PLATFORMS)
def test_a_message_without_a_token_is_set_aside_whole(kind: str, sending: Sending) -> None:
    """Nothing is lost: it can be looked at, and played again once the sender is mended."""
    sending.connect(kind, **EXPECTED[kind])
    sending.send(kind)
    sending.send(kind, token="no.token.at-all")
    assert sending.unverified == []
    assert len(sending.reasons) == 2


def test_a_token_signed_by_another_key_of_that_name_is_set_aside(sending: Sending) -> None:
    """The name of the key proves nothing."""
    sending.connect("google", **EXPECTED["google"])
    forged = RSAKey.import_key(OTHER.as_dict(private=True), {"kid": "one"})
    sending.send("google", token=sending.token("google", forged))
    assert sending.unverified == []
    assert "token" in sending.reasons[0]


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_a_token_does_not_choose_how_it_is_checked(algorithm: str, sending: Sending) -> None:
    """Neither unsigned nor signed with the public key as a secret (RFC 8725, 3.1)."""
    sending.connect("google", **EXPECTED["google"])
    head = _part({"alg": algorithm, "kid": "one"})
    said = f"{head}.{sending.token('google').split('.')[1]}"
    signature = hmac.digest(KEY.as_pem(private=False), said.encode(), "sha256")
    sending.send("google", token=f"{said}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}")
    assert sending.unverified == []
    assert "token" in sending.reasons[0]


def _part(said: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def test_a_new_key_of_the_platform_is_fetched_when_a_token_names_it(
    sending: Sending, platform: Platform, clock: Clock
) -> None:
    """Platforms change their keys without a word; at most once a minute somebody is asked."""
    sending.connect("google", **EXPECTED["google"])
    sending.send("google", token=sending.token("google"))
    platform.keys = [OTHER]
    clock.at += timedelta(minutes=2)
    sending.send("google", token=sending.token("google", OTHER))
    assert sending.reasons == []
    assert len(platform.asked) == 2
    sending.send("google", token=sending.token("google", KEY))
    assert len(platform.asked) == 2
    assert len(sending.reasons) == 1


def test_a_withdrawn_key_is_believed_for_a_day_at_most(sending: Sending, platform: Platform, clock: Clock) -> None:
    """What was fetched is fetched again after a day."""
    sending.connect("google", **EXPECTED["google"])
    sending.send("google", token=sending.token("google"))
    platform.keys = [OTHER]
    clock.at += timedelta(hours=25)
    sending.send("google", token=sending.token("google"))
    assert len(sending.reasons) == 1


@pytest.mark.parametrize("kind", PLATFORMS)
def test_without_the_keys_the_alert_is_taken_as_unverified(kind: str, sending: Sending, platform: Platform) -> None:
    """No alert waits for somebody else's server."""
    platform.is_away = True
    sending.connect(kind, **EXPECTED[kind])
    sending.send(kind, token=sending.token(kind))
    assert sending.unverified == [True]


def test_a_token_that_waited_is_judged_by_the_time_at_which_it_came(
    sending: Sending, platform: Platform, clock: Clock
) -> None:
    """A backlog of an hour makes no token too old."""
    sending.connect("google", **EXPECTED["google"])
    service = sending.incoming.service
    headers = {"authorization": f"Bearer {sending.token('google')}"}
    body = json.dumps(BODIES["google"]).encode()
    sending._gate.receive("google", sending._paths["google"], headers, "", body, sending.incoming.now).result(30)
    clock.at += timedelta(hours=1)
    while process(service.database, service.cipher, service.knowledge(), sending.incoming.now, keys=sending.keys):
        pass
    assert sending.unverified == [False]


def test_a_topic_of_somebody_else_is_set_aside(sending: Sending) -> None:
    """Amazon signs every topic with the same key: only the name tells whose it is."""
    sending.connect("aws", topic=TOPIC)
    alarm = {"AlarmName": "checkout", "NewStateValue": "ALARM", "StateChangeTime": "2026-11-23T07:58:00.000+0000"}
    sending.send("aws", alarm, x_amz_sns_topic_arn=TOPIC)
    sending.send("aws", {**alarm, "AlarmName": "two"}, x_amz_sns_topic_arn=f"{TOPIC}-other")
    sending.send("aws", {**alarm, "AlarmName": "three"})
    assert len(sending.unverified) == 1
    assert len(sending.reasons) == 2
    assert all("topic" in one for one in sending.reasons)


def test_the_client_state_of_every_notification_is_compared(sending: Sending) -> None:
    """One of them with another is enough to set the body aside; the secret is told nowhere."""
    sending.connect("microsoft", client_state="our-own-state")
    one = {"subscriptionId": "s", "changeType": "created", "resource": "security/alerts_v2/1", "clientState": "x"}
    right = {**one, "clientState": "our-own-state"}
    sending.send("microsoft", {"value": [right]})
    sending.send("microsoft", {"value": [right, {**one, "resource": "security/alerts_v2/2"}]})
    sending.send("microsoft", {"value": [{key: one[key] for key in one if key != "clientState"}]})
    assert len(sending.unverified) == 1
    assert len(sending.reasons) == 2
    assert "our-own-state" not in str(sending.reasons)


def test_the_validation_of_a_subscription_needs_no_client_state(sending: Sending) -> None:
    """Graph asks before it has one."""
    sending.connect("microsoft", client_state="our-own-state")
    service = sending.incoming.service
    path = sending._paths["microsoft"]
    sending._gate.receive("microsoft", path, {}, "validationToken=abc", b"", sending.incoming.now).result(30)
    while process(service.database, service.cipher, service.knowledge(), sending.incoming.now, keys=sending.keys):
        pass
    assert sending.reasons == []


def test_an_address_of_keys_that_floods_is_not_asked_for_ever(sending: Sending, platform: Platform) -> None:
    """Whoever holds the secret of a sender could name thousands; what comes is taken as unverified."""
    sending.connect("aws")
    for number in range(MOST_NEW_ADDRESSES + 5):
        url = f"https://sns.eu-west-3.amazonaws.com/{number}.pem"
        ends = {"SignatureVersion": "2", "Signature": "AAAA", "SigningCertURL": url, "TopicArn": TOPIC}
        sending.send("aws", {"Type": "Notification", "MessageId": str(number), "Message": "x", **ends})
    assert len(platform.asked) == MOST_NEW_ADDRESSES
    assert set(sending.unverified) == {True}


@pytest.mark.parametrize(
    ("kind", "expected", "sentence"),
    [
        ("google", {"audience": "x"}, "give service-account"),
        ("google", {"topic": "x"}, "audience, service-account"),
        ("json", {"audience": "x"}, "nothing"),
        ("keycloak", {"issuer": "http://sso.example.fr", "audience": "x"}, "does not look like one"),
        ("microsoft", {"tenant": "common", "audience": "x"}, "does not look like one"),
    ],
)
def test_what_proves_nothing_is_refused_with_what_is_missing(
    kind: str, expected: dict[str, str], sentence: str, sending: Sending
) -> None:
    """Half a proof would be believed by whoever set it up."""
    with pytest.raises(InvalidCommand, match=sentence):
        sending.connect(kind, **expected)


def test_a_token_cannot_stand_where_the_secret_stands(service: Service) -> None:
    """Both want the header Authorization."""
    wanted = Connection("google", "google", "bearer", expected=EXPECTED["google"])
    with pytest.raises(InvalidCommand, match="url"):
        service.database.write(
            lambda session: senders.add_source(session, OPERATOR, wanted, service.cipher, service.now())
        )


def test_what_is_expected_can_be_said_later_and_is_written_down(sending: Sending) -> None:
    """A secret that is kept stays; the timeline names what was set, and no value."""
    service = sending.incoming.service
    sending.connect("microsoft", client_state="our-own-state")
    change: Callable[..., None] = senders.set_expected
    service.database.write(
        lambda session: change(
            session, OPERATOR, "microsoft", EXPECTED["microsoft"], service.cipher, service.now(),
            kept=frozenset({"client-state"}),
        )
    )  # fmt: skip
    with service.database.reading() as session:
        words = [
            one.words for one in session.exec(select(TimelineDetailRow)) if "source_expectations" in str(one.words)
        ]
    assert [one["names"] for one in words] == ["audience, client-state, tenant"]
    assert "our-own-state" not in str(words)
