"""What vendors publish to try a receiver by: their secrets, bodies and signatures, as they stand on their pages.

Each was computed again with nothing but HMAC, or with the certificate, before it was written down. Beside them here:
`test_gitguardian.py` holds GitGuardian's, whose clock says 1970. Nothing is published, or was found, for

====================== ================================================================================================
grafana                grafana/alerting, http/hmac_test.go and the page of the webhook: both compute, none tells a value
sentry                 docs.sentry.io (webhooks), getsentry/sentry, getsentry/integration-platform-example: code only
keycloak               p2-inc/keycloak-events, README and WebhooksResourceTest.java: computed while the test runs
splunk-observability   dev.splunk.com (webhook overview), signalfx/signalfx-python: words only
uptime                 checklyhq.com (alerting by webhooks, secrets), checkly/docs.checklyhq.com: code only
crowdstrike            two public receivers of Fusion workflows: code only
vulnerability-scanners docs.snyk.io (validating payloads): code only; Dependency-Track and Trivy sign nothing
====================== ================================================================================================

PagerDuty's own page shows two signatures of one body, and neither the body nor the secrets.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from breach_service.errors import WrongCredential
from breach_service.sources.credentials import AuthKind, Credential, CredentialFault, verify
from breach_service.sources.registry import SOURCES
from breach_service.sources.request import Delivery
from breach_service.sources.signing import GITHUB, OWN

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Vector:
    """One signed request."""

    kind: str
    page: str
    secret: bytes
    headers: dict[str, str]
    body: bytes
    sent_at: datetime = NOW
    """What the signed clock says, where one is signed."""

    @property
    def is_dated(self) -> bool:
        return self.sent_at != NOW


SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foob"
    b"ar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.sla"
    b"ck.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803"
    b"a0bc887a14d10d2c447fce8b6703c"
)
PAGERDUTY_BODY = (
    b'{"event":{"id":"01BWDWL3NYY7LUFPZCC28QUCMK","event_type":"incident.priority_updated","resource_type":"incident"'
    b',"occurred_at":"2021-04-26T17:36:27.458Z","agent":{"html_url":"https://acme.pagerduty.com/users/PLH1HKV","id":"'
    b'PLH1HKV","self":"https://api.pagerduty.com/users/PLH1HKV","summary":"Tenex Engineer","type":"user_reference"},"'
    b'client":null,"data":{"id":"PGR0VU2","type":"incident","self":"https://api.pagerduty.com/incidents/PGR0VU2","htm'
    b'l_url":"https://acme.pagerduty.com/incidents/PGR0VU2","number":2,"status":"triggered","title":"A little bump in'
    b' the road","service":{"html_url":"https://acme.pagerduty.com/services/PF9KMXH","id":"PF9KMXH","self":"https://a'
    b'pi.pagerduty.com/services/PF9KMXH","summary":"API Service","type":"service_reference"},"assignees":[{"html_url"'
    b':"https://acme.pagerduty.com/users/PTUXL6G","id":"PTUXL6G","self":"https://api.pagerduty.com/users/PTUXL6G","su'
    b'mmary":"User 123","type":"user_reference"}],"escalation_policy":{"html_url":"https://acme.pagerduty.com/escalat'
    b'ion_policies/PUS0KTE","id":"PUS0KTE","self":"https://api.pagerduty.com/escalation_policies/PUS0KTE","summary":"'
    b'Default","type":"escalation_policy_reference"},"teams":[{"html_url":"https://acme.pagerduty.com/teams/PFCVPS0",'
    b'"id":"PFCVPS0","self":"https://api.pagerduty.com/teams/PFCVPS0","summary":"Engineering","type":"team_reference"'
    b'}],"priority":{"html_url":"https://acme.pagerduty.com/account/incident_priorities","id":"PSO75BM","self":"https'
    b'://api.pagerduty.com/priorities/PSO75BM","summary":"P1","type":"priority_reference"},"urgency":"high","conferen'
    b'ce_bridge":{"conference_number":1000,"conference_url":"https://example.com"},"resolve_reason":null}}}'
)
VECTORS = (
    Vector(
        "slack",
        "https://docs.slack.dev/authentication/verifying-requests-from-slack"
        " and slackapi/python-slack-sdk, tests/signature/test_signature_verifier.py",
        b"8f742231b10e8888abcd99yyyzzz85a5",
        {
            "x-slack-request-timestamp": "1531420618",
            "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        },
        SLACK_BODY,
        datetime.fromtimestamp(1531420618, UTC),
    ),
    Vector(
        "pagerduty",
        "PagerDuty/go-pagerduty, webhookv3/webhookv3_test.go",
        b"lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK",
        {"x-pagerduty-signature": "v1=0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd"},
        PAGERDUTY_BODY,
    ),
    Vector(
        "github",
        "https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries",
        b"It's a Secret to Everybody",
        {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
        b"Hello, World!",
    ),
    Vector(
        "github",
        "octokit/webhooks-methods.js at 0043059, test/verify.test.ts: what is not ASCII",
        b"development",
        {"x-hub-signature-256": "sha256=9dacf9003316b09be07df56d86a2d0d6872e42a1e6c72c3bad9ff915a7c5603e"},
        '{\n  "foo": "Foo\\n\\u001B[34mbar: ♥♥♥♥♥♥♥♥\\nthis-is-lost\\u001B[0m\\u001B[2K"\n}\n'.encode(),
    ),
    Vector(
        "gitlab",
        "https://github.com/standard-webhooks/standard-webhooks, libraries/python/tests/test_webhooks.py",
        b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        b'{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, UTC),
    ),
)
ELSEWHERE = frozenset({"gitguardian"})
NONE_FOUND = frozenset(
    {"crowdstrike", "grafana", "sentry", "keycloak", "splunk-observability", "uptime", "vulnerability-scanners"}
)
PUBLISHED = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector.kind}-{vector.page}")


def accepted(vector: Vector, *secrets: bytes, body: bytes | None = None, late: timedelta = timedelta()) -> int:
    """The place of the secret that fits."""
    signings = SOURCES[vector.kind].signings
    credential = Credential(AuthKind.HMAC, secrets=secrets or (vector.secret,), signings=signings)
    return verify(credential, vector.headers, vector.body if body is None else body, None, vector.sent_at + late)


def changed(body: bytes, place: int) -> bytes:
    """The body with one bit of one byte turned."""
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


@PUBLISHED
def test_a_published_signature_is_accepted(vector: Vector) -> None:
    """In either place of a rotation."""
    assert accepted(vector) == 0
    assert accepted(vector, b"newer", vector.secret) == 1


@PUBLISHED
def test_a_published_signature_fits_no_other_body(vector: Vector) -> None:
    """One byte changed at the start, in the middle or at the end, one more or one less, is another message."""
    body, last = vector.body, len(vector.body) - 1
    for other in (*(changed(body, place) for place in (0, last // 2, last)), body + b"\n", body[:-1], b""):
        with pytest.raises(WrongCredential) as refused:
            accepted(vector, body=other)
        assert refused.value.reason == CredentialFault.WRONG_SIGNATURE


@pytest.mark.parametrize("vector", [one for one in VECTORS if one.is_dated], ids=lambda vector: vector.kind)
@pytest.mark.parametrize("late", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_a_published_signature_with_a_clock_is_of_its_minute(vector: Vector, late: timedelta) -> None:
    """Played again, it is stale."""
    with pytest.raises(WrongCredential) as refused:
        accepted(vector, late=late)
    assert refused.value.reason == CredentialFault.STALE_SIGNATURE


def test_every_way_to_sign_was_looked_for() -> None:
    """Whoever adds a sender that signs in its own way looks for what its vendor publishes, and says so here."""
    signing = {kind for kind, source in SOURCES.items() if set(source.signings) - {OWN, GITHUB}} | {"github"}
    assert signing == {one.kind for one in VECTORS} | ELSEWHERE | NONE_FOUND


# Amazon SNS signs with RSA. The first certificate and its messages: aws/aws-php-sns-message-validator,
# tests/FunctionalValidationsTest.php; the second and its own: aws/aws-sdk-java-v2, services-custom/sns-message-manager,
# src/test/resources. Fields that SNS does not sign are left out.
OHIO = (
    "MIIF1zCCBL+gAwIBAgIQB9pYWG3Mi7xej22g9pobJTANBgkqhkiG9w0BAQsFADBGMQswCQYDVQQGEwJVUzEPMA0GA1UEChMGQW1hem9uMRUwEwYD"
    "VQQLEwxTZXJ2ZXIgQ0EgMUIxDzANBgNVBAMTBkFtYXpvbjAeFw0yMTA5MDcwMDAwMDBaFw0yMjA4MTcyMzU5NTlaMBwxGjAYBgNVBAMTEXNucy5h"
    "bWF6b25hd3MuY29tMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAutFqueT3XgP13udzxE6UpbdjOtVO5DwoMpSMiDNMnGzF1TYH5/R2"
    "LPUOBeTB0SkKnR4kpNcUZhicpGD4aKciz/GEZ6wu65xncfT9H/KBOQwoXYTuClHwp6fYpGzcGFaFoEYMnijL/o4qmTSd+ukglQUgKpsDw4ofw6rU"
    "m2CttJo+GQSNQ9NfGR1h/0J+zsApkeSYrXRx5wNlu87z8os1C/6PBrUHwt3xXeafXzfwut8aRRYsS8BySOA9DAgLfNHlfdQCjKPXKrG/ussgReyW"
    "D6n/HH+j7Uha3xosTzQqJifcxlTq6MxWdPR6fDaJNvqw6DOE7UjUNxHguXHlVfxhlQIDAQABo4IC6TCCAuUwHwYDVR0jBBgwFoAUWaRmBlKge5WS"
    "PKOUByeWdFv5PdAwHQYDVR0OBBYEFAqzC+vyouneE7mWWLbi9i0UsWUbMBwGA1UdEQQVMBOCEXNucy5hbWF6b25hd3MuY29tMA4GA1UdDwEB/wQE"
    "AwIFoDAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwOwYDVR0fBDQwMjAwoC6gLIYqaHR0cDovL2NybC5zY2ExYi5hbWF6b250cnVzdC5j"
    "b20vc2NhMWIuY3JsMBMGA1UdIAQMMAowCAYGZ4EMAQIBMHUGCCsGAQUFBwEBBGkwZzAtBggrBgEFBQcwAYYhaHR0cDovL29jc3Auc2NhMWIuYW1h"
    "em9udHJ1c3QuY29tMDYGCCsGAQUFBzAChipodHRwOi8vY3J0LnNjYTFiLmFtYXpvbnRydXN0LmNvbS9zY2ExYi5jcnQwDAYDVR0TAQH/BAIwADCC"
    "AX0GCisGAQQB1nkCBAIEggFtBIIBaQFnAHYAKXm+8J45OSHwVnOfY6V35b5XfZxgCvj5TV0mXCVdx4QAAAF7vfDVkQAABAMARzBFAiEA2XfHuy36"
    "aqRFiaL8c3md2mH451go8707+fRE0pEdSRACIE/g5FXTUXUZPFcmOhm9TZ+uMY1i4CIQ/CKVWln6C3t+AHYAUaOw9f0BeZxWbbg3eI8MpHrMGyfL"
    "956IQpoN/tSLBeUAAAF7vfDVjAAABAMARzBFAiBF1MhhFP0+FQt3daDFfMYoWwnrmuTInrjNpwfzlvQBugIhAPYadFzr+LaxSJoiZEbEHBvTts7b"
    "T0M3eCQONA2O7w6nAHUAQcjKsd8iRkoQxqE6CUKHXk4xixsD6+tLx2jwkGKWBvYAAAF7vfDVdAAABAMARjBEAiAtPapmFAuA71ih4NoSd5hJelzA"
    "ltNQpxDMcDfDyHyU8gIgWxmaa6+2KbBu9xdv379zvnJACFR7jc+4asl08Dn4aagwDQYJKoZIhvcNAQELBQADggEBAA54QX0uoFWXfMmv02CGZv4N"
    "Wo5TapyeeixQ2kKpZHRdVZjxZrw+hoF6HD7P3kGjH8ztyJlltDxB0qgMltbPhQdScwhA6iTgoaBYqEUC/VHKd4PmmPT6yIsM36NBZVmkGlzl5uNo"
    "/dBgBaG0SsVJnhr5zro3c2quC7n6fVGEZhf/UgQwRnnvThnvbNKguglDMq4uEqv8njKyleht+glkcmXO0m9qLKt6BOS0amy6U2GlAwRn0Wx02ndJ"
    "tnRCSC6kPuRWK/SQFEjB7gCK4hdKaAOuWdZpI55vF6ifOeM8toC3g7ofO8qLTnJupAG+ZitY5J3cvHWrHqOUdKigPDHYLRo="
)
OREGON = (
    "MIIFxTCCBK2gAwIBAgIQBkyRNHAyygLkObkxH5ju+zANBgkqhkiG9w0BAQsFADA8MQswCQYDVQQGEwJVUzEPMA0GA1UEChMGQW1hem9uMRwwGgYD"
    "VQQDExNBbWF6b24gUlNBIDIwNDggTTAxMB4XDTI1MTExMDAwMDAwMFoXDTI2MTAxNDIzNTk1OVowHDEaMBgGA1UEAxMRc25zLmFtYXpvbmF3cy5j"
    "b20wggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQChbVNQ+DEaT5WN+l+bg0iEeF666Z6LDFc1KJr4lNl0odcXQSskKsZYCMVdp4I/Ikk9"
    "zWyckRTMkmQGYimpD+bTsMCP5C/sJIU0E9Y2OXjjl5VidekqqnRL9VdE5N41Rvks7S/5MpYcSmCsmaHfwcv82Gvx2zm9CrA5Xu7K2ZqhzRQPCRSP"
    "mHTHQr4ED63ujE+qTpPgQZ0TvgmcrAc08Z75Z7Zzs17aTNc3YhAtQx9WowN8uiHkkgc+ONNdtwKvWZNmnbmxMHYtYc291WCP1K1Nh4TV5XNyjIeb"
    "zQKDrqTCN0ItAr1xe6Bl3BYS3SG9XHAy0q3ekITzQsKypcuaK6dTAgMBAAGjggLhMIIC3TAfBgNVHSMEGDAWgBSBuA5jiokSGOX6OztQlZ/m5ZAT"
    "hTAdBgNVHQ4EFgQUBQEUzzzuVJAKzAlRd0Q//W6HvZUwHAYDVR0RBBUwE4IRc25zLmFtYXpvbmF3cy5jb20wEwYDVR0gBAwwCjAIBgZngQwBAgEw"
    "DgYDVR0PAQH/BAQDAgWgMBMGA1UdJQQMMAoGCCsGAQUFBwMBMDsGA1UdHwQ0MDIwMKAuoCyGKmh0dHA6Ly9jcmwucjJtMDEuYW1hem9udHJ1c3Qu"
    "Y29tL3IybTAxLmNybDB1BggrBgEFBQcBAQRpMGcwLQYIKwYBBQUHMAGGIWh0dHA6Ly9vY3NwLnIybTAxLmFtYXpvbnRydXN0LmNvbTA2BggrBgEF"
    "BQcwAoYqaHR0cDovL2NydC5yMm0wMS5hbWF6b250cnVzdC5jb20vcjJtMDEuY2VyMAwGA1UdEwEB/wQCMAAwggF/BgorBgEEAdZ5AgQCBIIBbwSC"
    "AWsBaQB3ANdtfRDRp/V3wsfpX9cAv/mCyTNaZeHQswFzF8DIxWl3AAABmnAb33MAAAQDAEgwRgIhANXAgMEZWU326cqxqwnfntD0XcBjRbmvVMOp"
    "3hZ8boPXAiEAkI3NTMXcdLCChHak1ipOae7K7r3spMGUMk6QcEUKqBEAdgDCMX5XRRmjRe5/ON6ykEHrx8IhWiK/f9W1rXaa2Q5SzQAAAZpwG9+u"
    "AAAEAwBHMEUCIQD+Qyok8NYaFuQkccW+XIMmxHxj6Yka2wjtg6UN/tbU5wIgcp4z8MyC/dUfeLRuHAt0owtVgEu7xXqrMBOYlbXrfC4AdgDLOPcV"
    "iXyEoURfW8Hd+8lu8ppZzUcKaQWFsMsUwxRY5wAAAZpwG9+yAAAEAwBHMEUCIQCmu1jQUG9A2br7OqwMFvQXtBX10yIvvDa6a2Ov1Zgg6gIgKlqR"
    "vN6WhX0pSHAN2bKmjRwIUI3X9kjS/A/mDYULaV4wDQYJKoZIhvcNAQELBQADggEBAIbTQWQhqrG6SzwLq79tKCpI0aL0xlD+/jrGPxpwTlK7rtAA"
    "rHiEVh/bsmwLYRlIxPBiU+NE/kqeT0lhJA6/e3X3KRmnpJ6uZ70PJGYwmZbSRsFom0vGFBMncX0qYx1iD0dooPeAkkSnM5j81rBh+FepV3HfF+tA"
    "9gaglWLsU7Z/A0fdn9D32UPreVHloOut5EyEinvXRUAWZco9CRloyEXJr7Mxq9MZvYOK+5wuSPHnPij+fGlQsPxEgoTnCmU03PqNS49kL13jjEnY"
    "YdijqL+4rfHtuZbc4hlVoZfttwg8wD3m5brhQ+GkBBNYN8HFtdVy/BnFi+SPJqv6BgB3Y00="
)
OHIO_TOPIC = "arn:aws:sns:us-east-2:295079676684:publish-and-verify-"
OHIO_ADDRESS = "https://sns.us-east-2.amazonaws.com/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem"
OREGON_TOPIC = "arn:aws:sns:us-west-2:131990247566:dongie-standard-topic"
OREGON_HOST = "https://sns.us-west-2.amazonaws.com"
OREGON_ADDRESS = f"{OREGON_HOST}/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem"


def of_ohio(version: str, message_id: str, topic: str, sent: str, signature: str, **more: str) -> dict[str, str]:
    named = {"Type": "Notification", "MessageId": message_id, "TopicArn": OHIO_TOPIC + topic, "Message": "Hello world"}
    how = {"SignatureVersion": version, "Signature": signature, "SigningCertURL": OHIO_ADDRESS}
    return {**named, "Timestamp": f"2022-07-28T{sent}Z", **how, **more}


def of_oregon(kind: str, version: str, message_id: str, said: str, sent: str, token: str, signature: str
              ) -> dict[str, str]:  # fmt: skip
    visit = f"{OREGON_HOST}/?Action=ConfirmSubscription&TopicArn={OREGON_TOPIC}&Token={token}"
    named = {"Type": kind, "MessageId": message_id, "TopicArn": OREGON_TOPIC, "Token": token, "SubscribeURL": visit}
    how = {"SignatureVersion": version, "Signature": signature, "SigningCertURL": OREGON_ADDRESS}
    return {**named, "Message": said, "Timestamp": f"2026-03-06T{sent}Z", **how}


SUBJECT = {"Subject": "Hello world"}
MESSAGES = {
    "notification, version 1": of_ohio(
        "1",
        "792cda85-518f-5dd3-9163-81d851212f3a",
        "892f85fe-4836-424d-8188-ab85bef0f362",
        "21:23:58.317",
        "ghtf+deOBAzHJJZ6s6CdRLfTQAlcGzq9naoFM1wi0CJiq//uVRuZnamrkWNF0fhouMFvuLVRwcz8PZLUMSfnmd5VpdTKpTyiKmy1qJAZ"
        "Xma0w+yi7G+I33hD1Jyk1Nbym2n0kqp3fVu2aoooiN2ZeLAT2bH0/BtjLSfN1yAOKNoprco4qV9gGUZinXJdj9a1YdNhDR2jKi33ldls"
        "VtEXAtiaDklGEk7DgRKX38GerBPiLg3FdtgY6KC7cdeGpU/dGK+4hjc83Ive1HoFkAwqhpgInM2sMytBosoiXfCmOKmU4xeGD0gHDNZT"
        "lJUJQDlzw8Eag0H9f/5zXF9d3uy0YQ==",
    ),
    "notification, version 2": of_ohio(
        "2",
        "17dea24b-55c2-540b-8362-f916557af765",
        "62674b1d-4295-426b-88e7-5fb75652a04e",
        "21:24:08.324",
        "CXVqp9PfZAL+4JHS3Zxo1PFbQsvnOjvmYhtIf17TWpwc+iIVas8kZ8GopuzVzVMdatE7rCl/O4P91Zp05Dwz8lk8dLhfp8gSu3Njlzxl"
        "yrmzo9x3va3Jb7zFnedgS2GKnZWHGBdwTXho+TosNUE+3e10OMSlwN5XGDwX7+R3WL+rn+AXmFAqp3alg27sYa55h1dLE9cGszGPjScP"
        "dtF3BmZsUDMx9wSdNKsCk+vSvE8yBjnCmUl7laSFj3LzPVrlSwgNYCF3kYnNAkah7NplK4SFhJYLwS0HCVCQJKa8rVbQLf9cBTu60U40"
        "2mrgy0bN8xWoyimzbYbrOMJjalqkUg==",
    ),
    "notification with a subject, version 1": of_ohio(
        "1",
        "11405cc3-9ac7-56d5-b45d-079e8f7a8edf",
        "6e11fed2-fcdf-4c52-9dc4-36ef43f37f84",
        "22:53:49.654",
        "AItkS26d8yvnIKJevdirIPW7eM/yKbZy3/CF2EreCHmXWB3etWaV5Fb7SYpGABMpugpDZzNyGY1wCVWaopDoQ+7Q/kI2TpDu8bw1eExb"
        "i8U3kduvc/2m2fIrI4gDEY8/v3nzoLcr8pPodqMzrX6SzQou4klfaqbNK+rFmH0LVf2Q1VyOROODoSXmo4jg2Yu12jfxccBl96Drr/ih"
        "q4MJ4OcrWh6UzXXlVYjJHx2Ui4anNwNEb+Z4C2CAF1DjQUbhDtaoajDBPY+4d9C1OwbqwQpXsd6tyVcI9nFyEsVK8lfnAV+/3GZQcdXH"
        "bIUYBRGcBa4X5TlWJku5nDH2ERtHHw==",
        **SUBJECT,
    ),
    "notification with a subject, version 2": of_ohio(
        "2",
        "4504e649-d933-5aa9-8199-bd14ccf05f0b",
        "530b26da-0687-4fe4-9f71-780bad3181e2",
        "22:53:55.086",
        "cETcSvmmkt+My05qCLKexyl0+RyG83mSryKPqTfS+tYcxDJWVcjPJAr+qdpElzVaBl1aTGYVWMY64i9JqZ/JES8pylNj8LGvdhuNQKO5"
        "9/WCoIimZAsNhn0xEgOeeDU+W/0BU4sdpCGMNjo0S/FuIiWaRe4E0YWRVrxeQevaQ70euDdfWgd5v1eCKQz8b367b9XBmMztL/CWUFI6"
        "YaKK/MV21eyvJe3Y7CtVYiOKEYiAZnAEkynK7gUGO5TsgDjGNYhj6U3xYsWgI03bmioSl7kdFSUj+AZ7ugas5fghqxgoDsdfqsjMYKRm"
        "5KKHQWsgzI619yIzpNKUiSMHxdZXpQ==",
        **SUBJECT,
    ),
    "subscription, version 1": of_oregon(
        "SubscriptionConfirmation",
        "1",
        "f3f2fc87-c426-4c2f-9044-b55890c0939c",
        "You have chosen to subscribe to the topic arn:aws:sns:us-west-2:131990247566:dongie-standard-topic.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message.",
        "19:31:32.895",
        "2336412f37fb687f5d51e6e2425929f52e8e353134fe72d55ef8b330217d82da14007cbccefffd35b695feb8f0294d01fd9644f4"
        "1e1ddfad261519a2c0bac743ff375eeb64530147d2da57f3acc54739da14c8dbd48a9d58ce996eff0d498ea6b4b9f58720d8959b"
        "52b99b8de148081720d7da17434e376614a00c992e7823e4",
        "Ce2Ax8UbEq0RrVH7gsjP9WZ9bzif7dUkAY4OH99Pv7FSrvs8cK+uiH3a6ig54rXWUnZRUejk8K6KeK5Q80O9iJp8KbPRKdQ0PkJ3YASd"
        "abhfK0e7evC05YR2pFoS6nNaqNzT7HrR1d1Z9iLoFxluo2Dzb7kWVB7e9jp/y+ZBXRzRIaZgscM84kahBc6QgXOFJA1/PFA4cB5qaa6t"
        "BcUFtTE63o9vJ4wMmKk93W9MoszC+dNJeVFr8VHmt3toR+3JauBCZnGdgXgsDhni4PduSfWJJxEpuOK41iYf1hW+xFNFFsv46siTFiHd"
        "HiYDfI7/VlaY4spMgkq3EndRr7rHzQ==",
    ),
    "cancellation, version 2": of_oregon(
        "UnsubscribeConfirmation",
        "2",
        "0b71e34e-42c3-486a-9e32-b1928ec994b5",
        "You have chosen to deactivate subscription arn:aws:sns:us-west-2:131990247566:dongie-standard-topic"
        ":b24e11a2-06bd-4e73-aa29-0ed2de3b41b5.\n"
        "To cancel this operation and restore the subscription, visit the SubscribeURL included in this message.",
        "20:02:25.038",
        "2336412f37fb687f5d51e6e2425929f52e8e353134fd0284eae5672847af082a982c7dd18215a1485e04e559716f8b4205459475"
        "7f42dee2d63c46fd3a0fa59b4d688de03db956f8bf9f8cb3167587a28b74c5d325e6a7594d24a43ac534de2dfca614ca89cebd49"
        "0342c721c30a76ea03def13673437a6a3e450642580119d0",
        "RLW/cGWZAdY96iEcvXGmAZQ851DUyWehJIUMHT3Qa0/kX7Wu2QimI44TfE8d9hTqyYFreA6ln4AS67m225DuySpBeiUBtzB/ibiU7jdZ"
        "mfSiT/I/RTEU3eD0lHHZIYW0M7HAlhHyaSXdcSAbtfnhMBMION93IVl6UOR4kWYdJaJ17/u3by3zlSRs8wCIpj06S6BzuzxrINZPJl+N"
        "KZYCVdMlrjuT4etX/UfZkC0Tjchpmu/CQcuimAgswlesm8cVue0WqNPXkOr8h7HmsiGVXPN1jjkYKf2/tVJyBxur/lSksMopER8wtAIs"
        "rqY1caAZSI8YJkIndg/b+7eCwkjTBA==",
    ),
}
"""What SNS sent."""
SENT_BY_SNS = pytest.mark.parametrize("name", MESSAGES)


def certificate_of(message: dict[str, str]) -> str:
    return OHIO if message["TopicArn"].startswith(OHIO_TOPIC) else OREGON


def check(message: dict[str, str], certificate: str) -> None:
    """As it is done with what comes in. Raises WrongCredential."""
    proof = SOURCES["aws"].proof_in(Delivery(json.dumps(message).encode(), {}, "", NOW), {})
    assert proof is not None
    assert proof.key_url == message["SigningCertURL" if "SigningCertURL" in message else "SigningCertUrl"]
    proof.check(f"-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n".encode())


@SENT_BY_SNS
def test_what_sns_sent_is_believed(name: str) -> None:
    """Both versions of the signature, with the spelling of HTTP and with that of Lambda."""
    message, certificate = MESSAGES[name], certificate_of(MESSAGES[name])
    check(message, certificate)
    address = message["SigningCertURL"]
    lambda_message = {key: value for key, value in message.items() if key != "SigningCertURL"}
    check({**lambda_message, "SigningCertUrl": address}, certificate)


@SENT_BY_SNS
def test_what_sns_sent_is_believed_with_nothing_changed_only(name: str) -> None:
    """One letter of any field that is signed, a subject that was not there, or the certificate of another time."""
    message, certificate = MESSAGES[name], certificate_of(MESSAGES[name])
    signed = [key for key in message if key not in ("Signature", "SignatureVersion", "SigningCertURL", "Type")]
    others = [{**message, key: changed(message[key].encode(), len(message[key]) // 2).decode()} for key in signed]
    if message["Type"] == "Notification":
        others.append({**message, "Subject": message.get("Subject", "") + "!"})
    for other in others:
        with pytest.raises(WrongCredential):
            check(other, certificate)
    with pytest.raises(WrongCredential):
        check(message, OHIO if certificate is OREGON else OREGON)
