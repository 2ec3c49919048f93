"""What AWS CloudTrail saw, as EventBridge passes it on: sign-ins to the console and calls of the API.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html. An operator
chooses which calls are sent; who asks for a call wants to hear of it.
"""

import re

from breach_service.domain.alert import Alert, Entity, EntityKind, EntityRole, Signal
from breach_service.sources.parts.entities import entity, gathered
from breach_service.sources.parts.identity import fingerprint_of
from breach_service.sources.parts.instants import instant_in
from breach_service.sources.parts.payload import Record
from breach_service.sources.parts.plain_text import plain_line, plain_text
from breach_service.sources.parts.reading import first_text, labels_from, record_at, records_at, text_at, value_at
from breach_service.sources.senders.aws.resources import Event, arn_of, entity_of_account, entity_of_arn

_SIGNAL_OF_CALL: tuple[tuple[Signal, re.Pattern[str]], ...] = tuple(
    (signal, re.compile(pattern))
    for signal, pattern in (
        (
            Signal.INTEGRITY_CHANGE,
            r"^(Stop|Disable|Deactivate)|^Delete(Trail|Detector|FlowLogs|LogGroup|Config|Rule|Alarms)",
        ),
        (
            Signal.INTEGRITY_CHANGE,
            r"^(UpdateTrail|PutEventSelectors|ScheduleKeyDeletion|DisassociateFrom|UpdateDetector)",
        ),
        (
            Signal.DATA_EXPOSURE,
            r"Bucket(Policy|Acl)$|PublicAccessBlock|^Modify(DB)?(Cluster)?(Snapshot|Image)Attribute",
        ),
        (
            Signal.PRIVILEGE_CHANGE,
            r"^(Create|Update|Add|Attach|Put|Set)\w*(User|AccessKey|LoginProfile|Role|Group|Policy|PolicyVersion|MFADevice"
            r"|AssumeRolePolicy|SAMLProvider|OpenIDConnectProvider|AccountAssignment)$|^AddUserToGroup|^Detach\w+Policy",
        ),
        (Signal.LEAKED_SECRET, r"^Get(SecretValue|PasswordData|FederationToken)$"),
        (
            Signal.INTEGRITY_CHANGE,
            r"^(Delete|Terminate)|^(Authorize|Revoke)SecurityGroup|NetworkAcl|^Create(Route|Internet)",
        ),
    )
)
"""In order, by the name of the call."""
_SIGN_IN = "ConsoleLogin"


def alerts_of_record(source_name: str, event: Event) -> list[Alert]:
    """The alert of one record of CloudTrail."""
    record = event.detail
    name, who = text_at(record, "eventName"), _who(record)
    account = text_at(record, "recipientAccountId") or text_at(record, "userIdentity", "accountId") or event.account
    actor = EntityRole.TARGET if name == _SIGN_IN else EntityRole.ACTOR
    concerned = first_text(record, ("requestParameters", "userName"), ("requestParameters", "roleName"))
    outcome = first_text(record, ("responseElements", "ConsoleLogin"), ("errorCode",))
    words = [
        name or event.detail_type or "CloudTrail event",
        f"({outcome})" if outcome else "",
        f"by {who}" if who else "",
    ]
    return [
        Alert(
            source=source_name,
            title=plain_line(" ".join(word for word in words if word)),
            signal=_signal_of(record, name),
            fingerprint=fingerprint_of(
                "cloudtrail", account, text_at(record, "eventSource"), name, who, outcome, concerned
            ),
            occurred_at=instant_in(value_at(record, "eventTime")) or event.happened_at,
            entities=gathered(
                [entity_of_account(account), entity(EntityKind.USER, who, actor)],
                [_session_of(record, actor), entity(EntityKind.USER, concerned, EntityRole.TARGET)],
                # A call made by a service of AWS carries the name of the service here.
                [entity(EntityKind.SOURCE_ADDRESS, text_at(record, "sourceIPAddress"))],
                [entity_of_arn(text_at(one, "ARN") or text_at(one, "arn")) for one in records_at(record, "resources")],
                [entity(EntityKind.APPLICATION, text_at(record, "requestParameters", "bucketName"))],
            ),
            labels=_labels_of(record, account, event),
            summary=plain_text(text_at(record, "errorMessage")),
            vendor_reference=plain_line(text_at(record, "eventID")),
        )
    ]


def _who(record: Record) -> str:
    """The name of who acted: the user, the role, or the root of the account."""
    identity = record_at(record, "userIdentity")
    if text_at(identity, "type") == "Root":
        return "root"
    named = first_text(identity, ("userName",), ("sessionContext", "sessionIssuer", "userName"), ("invokedBy",))
    return named or text_at(identity, "principalId").partition(":")[2] or text_at(identity, "arn")


def _session_of(record: Record, role: EntityRole) -> Entity | None:
    """Who, or which machine, took on the role that acted: the name of the session, where it is one that people know."""
    arn = arn_of(text_at(record, "userIdentity", "arn"))
    parts = arn.rest.split("/")
    if parts[0] != "assumed-role" or len(parts) < 3:
        return None
    if parts[2].startswith("i-"):
        return entity(EntityKind.HOST, parts[2])
    # Sign-ins through IAM Identity Center bear the name of the person.
    is_person = "@" in parts[2] or parts[1].startswith("AWSReservedSSO_")
    return entity(EntityKind.USER, parts[2], role) if is_person else None


def _signal_of(record: Record, name: str) -> Signal:
    if name == _SIGN_IN:
        return _signal_of_sign_in(record)
    found = next((signal for signal, pattern in _SIGNAL_OF_CALL if pattern.search(name[:200])), None)
    if text_at(record, "userIdentity", "type") == "Root":
        return found or Signal.SUSPICIOUS_LOGIN
    return found or Signal.ANOMALY


def _signal_of_sign_in(record: Record) -> Signal:
    """One wrong password is no incident; neither the root of an account nor anybody without MFA should sign in."""
    if text_at(record, "responseElements", "ConsoleLogin") == "Failure" or text_at(record, "errorMessage"):
        return Signal.ROUTINE
    identity = text_at(record, "userIdentity", "type")
    is_without_mfa = identity == "IAMUser" and text_at(record, "additionalEventData", "MFAUsed") == "No"
    return Signal.SUSPICIOUS_LOGIN if identity == "Root" or is_without_mfa else Signal.ROUTINE


def _labels_of(record: Record, account: str, event: Event) -> dict[str, str]:
    return labels_from(
        (
            ("account", account),
            ("region", text_at(record, "awsRegion") or event.region),
            ("event_name", text_at(record, "eventName")),
            ("event_source", text_at(record, "eventSource")),
            ("identity_type", text_at(record, "userIdentity", "type")),
            ("mfa_used", text_at(record, "additionalEventData", "MFAUsed")),
            ("user_agent", text_at(record, "userAgent")),
            ("error", text_at(record, "errorCode")),
        )
    )
