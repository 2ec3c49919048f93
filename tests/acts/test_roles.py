"""Every act asks for its role, before anything else, and does nothing for whoever does not hold it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import (
    closing,
    content,
    drills,
    grouping,
    incidents,
    merging,
    noise,
    notices,
    reminders,
    senders,
    silences,
)
from breach_service.acts.clocks import delays, proposing, recording, settling
from breach_service.acts.clocks.proposing import Wish
from breach_service.acts.clocks.recording import Moving
from breach_service.acts.closing import BulkClosing, Closing
from breach_service.acts.decisions import deciding, duties, glass, mandates
from breach_service.acts.decisions.deciding import Opinion
from breach_service.acts.decisions.duties import DutyDecision
from breach_service.acts.decisions.glass import Breaking
from breach_service.acts.decisions.mandates import NewMandate
from breach_service.acts.drills import NewDrill
from breach_service.acts.incidents import Awareness, Declaration, FactCommand, FilingCommand
from breach_service.acts.inventory import changing, importing
from breach_service.acts.inventory.importing import Ground, ImportFile
from breach_service.acts.on_call import calls
from breach_service.acts.people import account_list, accounts, links, tokens
from breach_service.acts.playbooks import plans, steps
from breach_service.acts.playbooks.plans import NewStep, StepTerms
from breach_service.acts.playbooks.steps import StepCommand
from breach_service.acts.senders import Connection
from breach_service.acts.silences import NewSilence
from breach_service.acts.work import evidence, measures, reviews
from breach_service.acts.work.evidence import NewEvidence, NewHandling
from breach_service.acts.work.measures import NewMeasure
from breach_service.domain.access import ALLOWED, Act, Actor, MandateKind, UserRole
from breach_service.domain.evidence import HandlingKind
from breach_service.domain.incident import InstantKind
from breach_service.domain.measures import MeasureState
from breach_service.domain.moving import Move
from breach_service.domain.playbook import StepState
from breach_service.domain.review import ReviewText
from breach_service.errors import BreachServiceError, NotAllowed
from breach_service.store.database import Session
from breach_service.store.tables import METADATA
from tests.deciders import CAMILLE
from tests.pipeline.incoming import WEB_SHELL, Incoming

REFERENCE = "INC-2026-0001"
ELSEWHERE = {
    Act.LOOK, Act.LOOK_AROUND, Act.LOOK_AT_RAW, Act.LOOK_AT_AUDIT, Act.SEND_ALERTS, Act.KEEP_OWN_ACCOUNT, Act.OPERATE,
    Act.RESTRICT, Act.CONSULT, Act.MANAGE_ROTA, Act.LEAD, Act.NAME_SUBSTITUTE, Act.LOOK_AT_REPORTS, Act.SORT_REPORTS,
}  # fmt: skip
"""Looking is checked where things are shown; the others are walked with their routes (`tests/web/test_who_may.py`)."""


@dataclass
class Setting:
    """What acts are given."""

    incoming: Incoming
    session: Session
    actor: Actor

    @property
    def common(self) -> tuple[Session, Actor, str]:
        return self.session, self.actor, REFERENCE

    @property
    def rest(self) -> tuple[Any, Any]:
        return self.incoming.service.knowledge(), self.incoming.now


def filing(one: Setting) -> Any:
    knowledge, now = one.rest
    command = FilingCommand(1, now, "portal")
    return incidents.record_filing(*one.common, command, knowledge, one.incoming.service.cipher, lambda *_: "text", now)


ACTS: dict[str, tuple[Act, Callable[[Setting], Any]]] = {
    "declare": (
        Act.DECLARE,
        lambda one: incidents.declare(one.session, one.actor, Declaration("It broke."), *one.rest),
    ),
    "record_fact": (
        Act.RECORD_FACT,
        lambda one: incidents.record_fact(*one.common, FactCommand("loss.integrity", "no"), *one.rest),
    ),
    "add_systems": (
        Act.ADD_SYSTEMS,
        lambda one: incidents.add_systems(*one.common, ("mail",), "Seen.", *one.rest),
    ),
    "record_awareness": (
        Act.RECORD_AWARENESS,
        lambda one: incidents.record_awareness(*one.common, Awareness(one.incoming.now, "Seen."), *one.rest),
    ),
    "move_clock": (
        Act.RECORD_AWARENESS,
        lambda one: recording.move(*one.common, Moving(InstantKind.AWARE_AT, one.incoming.now, "Seen."), *one.rest),
    ),
    "propose_clock": (
        Act.DECIDE_NOT_REQUIRED,
        lambda one: proposing.propose(*one.common, Wish(Move.STOP, "Not owed.", obligation=1), *one.rest),
    ),
    "confirm_clock": (Act.RECORD_AWARENESS, lambda one: settling.confirm(*one.common, 1, "Agreed.", *one.rest)),
    "decline_clock": (Act.RECORD_AWARENESS, lambda one: settling.decline(*one.common, 1, "No.", one.incoming.now)),
    "withdraw_clock": (Act.DECIDE_NOT_REQUIRED, lambda one: settling.withdraw(*one.common, 1, "", one.incoming.now)),
    "explain_delay": (Act.RECORD_FACT, lambda one: delays.explain_delay(*one.common, 1, "Slow.", one.incoming.now)),
    "merge": (Act.MERGE, lambda one: merging.merge(*one.common, "INC-2026-0002", "One attack.", *one.rest)),
    "keep_apart": (Act.MERGE, lambda one: merging.keep_apart(*one.common, 1, "Two attacks.", one.incoming.now)),
    "mute_reminders": (
        Act.MUTE_REMINDERS,
        lambda one: reminders.mute_reminders(
            *one.common, one.incoming.now + timedelta(hours=1), "Asleep.", one.incoming.now
        ),
    ),
    "unmute_reminders": (
        Act.MUTE_REMINDERS,
        lambda one: reminders.unmute_reminders(*one.common, one.incoming.now),
    ),
    "try_grouping": (
        Act.TRY_GROUPING,
        lambda one: grouping.try_grouping(
            one.session, one.actor, "", timedelta(days=1), one.rest[0].catalogue, one.incoming.now
        ),
    ),
    "confirm": (Act.QUALIFY, lambda one: incidents.confirm(*one.common, "Seen.", *one.rest)),
    "dismiss": (Act.QUALIFY, lambda one: incidents.dismiss(*one.common, "Nothing.", *one.rest)),
    "close": (Act.CLOSE, lambda one: incidents.close(*one.common, "Done.", *one.rest)),
    "plan_measure": (
        Act.MANAGE_MEASURES,
        lambda one: measures.plan_measure(*one.common, NewMeasure("Reset"), *one.rest, one.incoming.now.date()),
    ),
    "change_measure": (
        Act.MANAGE_MEASURES,
        lambda one: measures.change_measure(*one.common, 1, NewMeasure("Reset"), *one.rest, one.incoming.now.date()),
    ),
    "settle_measure": (
        Act.MANAGE_MEASURES,
        lambda one: measures.settle_measure(
            *one.common, 1, MeasureState.DONE, "All.", one.incoming.now, one.incoming.now.date()
        ),
    ),
    "record_evidence": (
        Act.KEEP_EVIDENCE,
        lambda one: evidence.record_evidence(
            *one.common,
            NewEvidence("Log", "app-01", "scp", one.incoming.now, content=b"x"),
            one.incoming.service.cipher,
            10,
            one.incoming.now,
        ),
    ),
    "record_handling": (
        Act.KEEP_EVIDENCE,
        lambda one: evidence.record_handling(
            *one.common,
            1,
            NewHandling(HandlingKind.COPIED, "Why.", one.incoming.now),
            one.incoming.service.cipher,
            one.incoming.now,
        ),
    ),
    "content_of_evidence": (
        Act.READ_EVIDENCE,
        lambda one: evidence.content_of_evidence(*one.common, 1, one.incoming.service.cipher, one.incoming.now),
    ),
    "save_review": (
        Act.REVIEW_INCIDENT,
        lambda one: reviews.save_review(*one.common, ReviewText("It broke."), 0, one.incoming.now),
    ),
    "reopen_review": (
        Act.REVIEW_INCIDENT,
        lambda one: reviews.reopen_review(*one.common, "Again.", one.incoming.now),
    ),
    "close_many": (
        Act.QUALIFY,
        lambda one: closing.close_many(one.session, one.actor, BulkClosing([Closing(REFERENCE)]), *one.rest),
    ),
    "start_drill": (
        Act.RUN_DRILL,
        lambda one: drills.start_drill(one.session, one.actor, NewDrill("stolen-laptop"), *one.rest),
    ),
    "stop_drill": (Act.RUN_DRILL, lambda one: drills.stop_drill(*one.common, "", *one.rest)),
    "acknowledge_call": (Act.ANSWER_CALL, lambda one: calls.acknowledge(*one.common, one.incoming.now)),
    "silence_noise": (
        Act.SILENCE,
        lambda one: noise.silence_noise(one.session, one.actor, "0" * 12, "x", *one.rest),
    ),
    "record_filing": (Act.RECORD_FILING, filing),
    "approve_draft": (
        Act.APPROVE_DRAFT,
        lambda one: notices.approve_draft(
            *one.common, 1, "", one.rest[0], one.incoming.service.cipher, lambda *_: "text", one.incoming.now
        ),
    ),
    "record_step": (
        Act.WORK_PLAYBOOK,
        lambda one: steps.record_step(*one.common, StepCommand("open-log", StepState.DONE), *one.rest),
    ),
    "attach_playbook": (
        Act.WORK_PLAYBOOK,
        lambda one: plans.attach(*one.common, "ransomware", "Files are encrypted.", *one.rest),
    ),
    "set_playbook_aside": (
        Act.WORK_PLAYBOOK,
        lambda one: plans.set_aside(*one.common, "every-incident", "A drill.", *one.rest),
    ),
    "leave_step_out": (
        Act.WORK_PLAYBOOK,
        lambda one: plans.leave_out(*one.common, "open-log", "Written elsewhere.", *one.rest),
    ),
    "put_step_back": (Act.WORK_PLAYBOOK, lambda one: plans.put_back(*one.common, "open-log", "", *one.rest)),
    "add_step": (
        Act.WORK_PLAYBOOK,
        lambda one: plans.add_step(*one.common, NewStep("Call the host.", "responder"), *one.rest),
    ),
    "change_step": (
        Act.WORK_PLAYBOOK,
        lambda one: plans.change_step(*one.common, StepTerms("open-log", "The DPO writes.", "dpo"), *one.rest),
    ),
    "give_opinion": (
        Act.GIVE_OPINION,
        lambda one: deciding.give_opinion(*one.common, Opinion("Seen.", is_breach=True), *one.rest),
    ),
    "break_glass": (
        Act.BREAK_GLASS,
        lambda one: glass.break_glass(
            *one.common, Breaking("It cannot wait.", ""), one.incoming.service.cipher, one.incoming.now
        ),
    ),
    "review_glass": (
        Act.REVIEW_GLASS,
        lambda one: glass.review_glass(one.session, one.actor, 1, "It was right.", one.incoming.now),
    ),
    "record_mandate": (
        Act.RECORD_MANDATE,
        lambda one: mandates.record_mandate(
            one.session,
            one.actor,
            NewMandate("nobody@us.example", MandateKind.DELEGATION, "Minutes"),
            one.rest[0].inventory,
            one.incoming.now,
        ),
    ),
    "revoke_mandate": (
        Act.RECORD_MANDATE,
        lambda one: mandates.revoke_mandate(one.session, one.actor, 99, "Over.", one.incoming.now),
    ),
    "decide_not_required": (
        Act.DECIDE_NOT_REQUIRED,
        lambda one: incidents.decide_not_required(*one.common, 1, "Not required.", *one.rest),
    ),
    "decide_duty": (
        Act.DECIDE_NOT_REQUIRED,
        lambda one: duties.decide_duty(*one.common, DutyDecision("own", "persons", True, "Told."), *one.rest),
    ),
    "replay_quarantined": (
        Act.REPLAY,
        lambda one: senders.replay_quarantined(
            one.session, one.actor, 1, one.incoming.service.cipher, one.incoming.now
        ),
    ),
    "add_source": (
        Act.MANAGE_SOURCES,
        lambda one: senders.add_source(
            one.session, one.actor, Connection("new", "json"), one.incoming.service.cipher, one.incoming.now
        ),
    ),
    "rotate_source": (
        Act.MANAGE_SOURCES,
        lambda one: senders.rotate_source(
            one.session, one.actor, "probe", one.incoming.service.cipher, one.incoming.now
        ),
    ),
    "keep_entry": (
        Act.MANAGE_INVENTORY,
        lambda one: changing.keep_entry(
            one.session,
            one.actor,
            "systems",
            one.rest[0].inventory.systems[0],
            "Said.",
            one.incoming.now,
            present=one.rest[0].inventory,
            facts=one.rest[0].catalogue.facts,
        ),
    ),
    "end_entry": (
        Act.MANAGE_INVENTORY,
        lambda one: changing.end_entry(
            one.session, one.actor, "systems", "mail", one.incoming.now.date(), "Gone.", one.incoming.now
        ),
    ),
    "preview_import": (
        Act.MANAGE_INVENTORY,
        lambda one: importing.preview_import(
            one.actor,
            ImportFile(b"id", "systems.csv"),
            Ground(one.rest[0].inventory, 1, one.rest[0].catalogue.facts, one.incoming.now),
        ),
    ),
    "release_source": (
        Act.MANAGE_SOURCES,
        lambda one: senders.release_source(one.session, one.actor, "observed", one.incoming.now),
    ),
    "add_silence": (
        Act.SILENCE,
        lambda one: silences.add_silence(
            one.session,
            one.actor,
            NewSilence(one.incoming.now + timedelta(hours=1), "x", scanners=("a",)),
            one.incoming.now,
        ),
    ),
    "end_silence": (
        Act.SILENCE,
        lambda one: silences.end_silence(one.session, one.actor, 1, "x", one.incoming.now),
    ),
    "add_user": (
        Act.MANAGE_PEOPLE,
        lambda one: accounts.add_user(
            one.session, one.actor, "a@example.org", UserRole.ADMIN, "a long password", one.incoming.now
        ),
    ),
    "add_token": (
        Act.MANAGE_PEOPLE,
        lambda one: tokens.add_token(one.session, one.actor, "a", UserRole.ADMIN, one.incoming.now),
    ),
    "revoke_token": (
        Act.MANAGE_PEOPLE,
        lambda one: tokens.revoke_token(one.session, one.actor, "a", one.incoming.now),
    ),
    "list_tokens": (
        Act.MANAGE_PEOPLE,
        lambda one: tokens.list_tokens(one.session, one.actor, one.incoming.now),
    ),
    "list_accounts": (
        Act.MANAGE_PEOPLE,
        lambda one: account_list.list_accounts(one.session, one.actor, one.incoming.now),
    ),
    "one_account": (
        Act.MANAGE_PEOPLE,
        lambda one: account_list.one_account(one.session, one.actor, 1, one.incoming.now),
    ),
    "invite": (Act.MANAGE_PEOPLE, lambda one: links.invite(one.session, one.actor, 1, one.incoming.now, None)),
    "rename": (Act.MANAGE_PEOPLE, lambda one: accounts.rename(one.session, one.actor, 1, "Zoé", one.incoming.now)),
    "change_role": (
        Act.MANAGE_PEOPLE,
        lambda one: accounts.change_role(one.session, one.actor, 1, UserRole.VIEWER, one.incoming.now),
    ),
    "disable": (
        Act.MANAGE_PEOPLE,
        lambda one: accounts.disable(one.session, one.actor, 1, one.incoming.now, reason="x", for_security=True),
    ),
    "enable": (Act.MANAGE_PEOPLE, lambda one: accounts.enable(one.session, one.actor, 1, one.incoming.now)),
    "end_session": (
        Act.MANAGE_PEOPLE,
        lambda one: accounts.end_session(one.session, one.actor, 1, 1, one.incoming.now),
    ),
    "end_all_sessions": (
        Act.MANAGE_PEOPLE,
        lambda one: accounts.end_all_sessions(one.session, one.actor, 1, one.incoming.now),
    ),
    "import_inventory": (
        Act.MANAGE_INVENTORY,
        lambda one: content.import_inventory(
            one.session, one.actor, one.incoming.service.knowledge().inventory, one.incoming.now
        ),
    ),
    "activate_content": (
        Act.ACTIVATE_CONTENT,
        lambda one: content.activate_content(
            one.session, one.actor, one.incoming.service.knowledge().catalogue, one.incoming.now
        ),
    ),
}


class Undone(Exception):
    """Rolls an act back, so that the next one finds the same incident."""


def is_refused(incoming: Incoming, act: Callable[[Setting], Any], actor: Actor) -> bool:
    """True where the role was refused; what else speaks against the act is not the question here."""

    def work(session: Session) -> None:
        before = [session.connection().execute(table.select()).all() for table in METADATA.sorted_tables]
        try:
            act(Setting(incoming, session, actor))
        except NotAllowed:
            session.flush()
            after = [session.connection().execute(table.select()).all() for table in METADATA.sorted_tables]
            assert before == after, "whoever is refused has changed nothing"
            raise
        except BreachServiceError:
            pass
        raise Undone

    try:
        incoming.service.database.write(work)
    except NotAllowed:
        return True
    except Undone:
        return False
    raise AssertionError("neither")


@pytest.fixture
def started(sqlite_incoming: Incoming) -> Incoming:
    """An open incident, and a body in quarantine."""
    sqlite_incoming.alert(WEB_SHELL)
    sqlite_incoming.send_bytes(b"?")
    sqlite_incoming.process()
    return sqlite_incoming


def test_each_act_asks_for_its_role(started: Incoming) -> None:
    """Every act as every role: allowed where the table of roles says so, refused everywhere else."""
    for name, (needed, act) in ACTS.items():
        for role in UserRole:
            refused = is_refused(started, act, Actor("somebody", role, person=CAMILLE))  # who holds a mandate
            assert refused is (role not in ALLOWED[needed]), f"{name} as {role}"


def test_the_operator_at_the_machine_may_do_everything(started: Incoming) -> None:
    """Nothing can be kept from whoever holds the machine."""
    operator = Actor("operator", UserRole.VIEWER, is_operator=True)
    assert [name for name, (_, act) in ACTS.items() if is_refused(started, act, operator)] == []


def test_no_act_is_left_out() -> None:
    """Each word of the table of roles is tried above, or walked with its routes."""
    assert {needed for needed, _ in ACTS.values()} | ELSEWHERE == set(Act)


def test_whoever_may_not_act_does_not_learn_what_there_is(started: Incoming) -> None:
    """The role is asked before the reference is looked up."""
    inspector = Actor("somebody", UserRole.INSPECTOR)

    def confirm(session: Session) -> None:
        incidents.confirm(session, inspector, "INC-1999-0001", "Seen.", started.service.knowledge(), started.now)

    with pytest.raises(NotAllowed, match="inspector"):
        started.service.database.write(confirm)
