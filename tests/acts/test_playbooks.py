"""The plan of an incident as people work on it: nothing is lost, everything says who, when and why."""

from datetime import timedelta
from typing import Any

import pytest

from breach_service.acts import closing
from breach_service.acts.incidents import FactCommand, record_fact
from breach_service.acts.merging import merge
from breach_service.acts.playbooks import plans, steps
from breach_service.acts.playbooks.plans import NewStep, StepTerms
from breach_service.acts.playbooks.steps import StepCommand
from breach_service.domain.access import Actor, UserRole
from breach_service.domain.incident import EntryKind, IncidentStatus, InstantKind, TimelineEntry
from breach_service.domain.playbook import Due, PlannedStep, Situation, StepState
from breach_service.errors import InvalidCommand, NotFound
from breach_service.pipeline.planning import plan_for
from tests.deciders import DPO
from tests.pipeline.incoming import WEB_SHELL, Incoming

RESPONDER = Actor("Yanis Ferrachat", UserRole.RESPONDER)
FIRST, SECOND = "INC-2026-0001", "INC-2026-0002"
WHY = "The host does it."
HOUR = timedelta(hours=1)
OPEN_LOG, WEB = "open-log", "web-compromise"


@pytest.fixture
def shell(incoming: Incoming) -> Incoming:
    """An incident that a web shell opened; one playbook of its own applies, and the common one."""
    incoming.alert(WEB_SHELL)
    return incoming


def situation(incoming: Incoming, reference: str = FIRST) -> Situation:
    with incoming.service.database.reading() as session:
        return plan_for(session, incoming.dossier(reference), incoming.service.knowledge())


def step(incoming: Incoming, name: str = OPEN_LOG, reference: str = FIRST) -> PlannedStep:
    plan = situation(incoming, reference).plan
    (found,) = [one for one in (*plan.steps, *plan.left_out) if one.name == name]
    return found


def say(
    incoming: Incoming, state: StepState = StepState.DONE, result: str = "", name: str = OPEN_LOG,
    reference: str = FIRST, **more: Any,
) -> None:  # fmt: skip
    incoming.act(steps.record_step, RESPONDER, StepCommand(name, state, result, **more), reference=reference)


def told(incoming: Incoming, kind: EntryKind, reference: str = FIRST) -> list[TimelineEntry]:
    return [one for one in incoming.dossier(reference).timeline if one.kind is kind]


# ── Steps


def test_a_step_done_says_who_when_and_the_result(shell: Incoming) -> None:
    """In the plan and in the chronology, with the facts that it answers."""
    say(shell, result="The log is open.", done_by="Anouk Vasseur", done_at=shell.now - HOUR)
    done = step(shell)
    assert done.state is StepState.DONE
    assert done.record is not None
    assert (done.record.who, done.record.when, done.record.by) == ("Anouk Vasseur", shell.now - HOUR, RESPONDER.name)
    (entry,) = told(shell, EntryKind.STEP_RECORDED)
    assert entry.words is not None
    assert (entry.actor, entry.words["state"], entry.words["result"]) == (RESPONDER.name, "done", "The log is open.")
    assert entry.words["answers"] == " ".join(done.step.answers) == "incident.discovery"
    assert entry.words["title_fr"].startswith("Ouvrir la main courante")


def test_whoever_works_on_the_plan_takes_the_incident_up(shell: Incoming) -> None:
    """From the first step on it is being assessed."""
    say(shell)
    assert shell.incident().status is IncidentStatus.ASSESSING


def test_a_step_that_does_not_apply_or_is_open_again_has_a_reason(shell: Incoming) -> None:
    """And what was said before stays in the chronology."""
    with pytest.raises(InvalidCommand, match="reason"):
        say(shell, StepState.NOT_APPLICABLE, "  ")
    say(shell, StepState.NOT_APPLICABLE, "It is on paper.")
    with pytest.raises(InvalidCommand, match="nothing changes"):
        say(shell, StepState.NOT_APPLICABLE, "It is on paper.")
    with pytest.raises(InvalidCommand, match="reason"):
        say(shell, StepState.OPEN)
    say(shell, StepState.OPEN, "The paper is lost.")
    assert step(shell).state is StepState.OPEN
    assert [one.words and one.words["state"] for one in told(shell, EntryKind.STEP_RECORDED)] == [
        "not_applicable", "open",
    ]  # fmt: skip


def test_nothing_is_done_in_the_future_nor_a_step_that_is_not_there(shell: Incoming) -> None:
    with pytest.raises(InvalidCommand, match="future"):
        say(shell, done_at=shell.now + HOUR)
    with pytest.raises(NotFound, match="no step"):
        say(shell, name="dance")
    with pytest.raises(InvalidCommand, match="at most"):
        say(shell, result="x" * 5000)


def test_a_closed_incident_is_still_reviewed_and_a_dismissed_one_is_not(shell: Incoming) -> None:
    """Reviews come afterwards; what was no breach has no plan any more."""
    shell.act(closing.dismiss, DPO, "It was a test.")
    with pytest.raises(InvalidCommand, match="worked on no more"):
        say(shell)


# ── The plan


def test_a_playbook_is_attached_with_its_steps_and_set_aside_with_a_reason(shell: Incoming) -> None:
    """A person decides either; what was attached by hand is told once, even where its conditions hold later."""
    assert "ransomware" not in {one.playbook.id for one in situation(shell).in_use}
    shell.act(plans.attach, RESPONDER, "ransomware", "Notes were found.")
    assert "ransomware" in {one.playbook.id for one in situation(shell).in_use}
    assert step(shell, "decide-ransom").playbooks == ("ransomware",)
    with pytest.raises(InvalidCommand, match="already"):
        shell.act(plans.attach, RESPONDER, "ransomware", "")
    with pytest.raises(InvalidCommand, match="reason"):
        shell.act(plans.set_aside, RESPONDER, "ransomware", " ")
    shell.act(plans.set_aside, RESPONDER, "ransomware", "They were old.")
    assert "ransomware" not in {one.playbook.id for one in situation(shell).offers}
    with pytest.raises(NotFound, match="no playbook"):
        shell.act(plans.attach, RESPONDER, "dancing", "")


def test_that_a_playbook_applies_is_told_once_and_why(shell: Incoming) -> None:
    """By the service, when somebody begins to work; later acts repeat nothing."""
    assert told(shell, EntryKind.PLAYBOOK_ATTACHED) == []
    say(shell)
    (entry,) = told(shell, EntryKind.PLAYBOOK_ATTACHED)
    assert entry.words is not None
    assert entry.actor == "breach_service"
    assert entry.words["playbooks"].split() == [one.playbook.id for one in situation(shell).in_use]
    assert "incident.signals=web_shell" in entry.words["because"].split()
    say(shell, result="Again.")
    shell.act(record_fact, RESPONDER, FactCommand("loss.integrity", "no"))
    assert len(told(shell, EntryKind.PLAYBOOK_ATTACHED)) == 1


def test_a_fact_that_makes_a_playbook_apply_is_told_when_it_is_recorded(shell: Incoming) -> None:
    """What somebody says that it looks like counts as much as what the alerts report."""
    say(shell)
    shell.act(record_fact, RESPONDER, FactCommand("incident.scenario", ["ransomware"]))
    entries = told(shell, EntryKind.PLAYBOOK_ATTACHED)
    assert entries[-1].words is not None
    assert entries[-1].words["playbooks"] == "ransomware"
    assert entries[-1].words["because"] == "incident.scenario=ransomware"


def test_a_step_is_left_out_with_a_reason_and_put_back(shell: Incoming) -> None:
    shell.act(plans.leave_out, RESPONDER, OPEN_LOG, WHY)
    assert step(shell).left_out == WHY
    with pytest.raises(InvalidCommand, match="left out already"):
        shell.act(plans.leave_out, RESPONDER, OPEN_LOG, WHY)
    shell.act(plans.put_back, RESPONDER, OPEN_LOG, "")
    assert step(shell).left_out == ""
    with pytest.raises(InvalidCommand, match="nobody"):
        shell.act(plans.put_back, RESPONDER, OPEN_LOG, "")
    say(shell)
    with pytest.raises(InvalidCommand, match="open it again"):
        shell.act(plans.leave_out, RESPONDER, OPEN_LOG, WHY)


def test_a_step_is_added_with_a_name_of_its_own(shell: Incoming) -> None:
    """Two of them are two; each is done like any other."""
    due = Due(after=InstantKind.DETECTED_AT, hours=2)
    first = shell.act(plans.add_step, RESPONDER, NewStep("Call the landlord.", "responder", due))
    second = shell.act(plans.add_step, RESPONDER, NewStep("Call the landlord.", "dpo"))
    assert first != second
    assert step(shell, first).due_at == shell.incident().detected_at + 2 * HOUR
    say(shell, name=first, result="He comes.")
    assert step(shell, first).state is StepState.DONE
    with pytest.raises(InvalidCommand, match="one sentence"):
        shell.act(plans.add_step, RESPONDER, NewStep(" ", "dpo"))


def test_a_step_gets_another_role_and_term_and_keeps_what_was_changed_before(shell: Incoming) -> None:
    shell.act(plans.change_step, RESPONDER, StepTerms(OPEN_LOG, WHY, role="dpo"))
    due = Due(after=InstantKind.DETECTED_AT, hours=9)
    shell.act(plans.change_step, RESPONDER, StepTerms(OPEN_LOG, WHY, due=due))
    changed = step(shell).step
    assert (changed.role, changed.due) == ("dpo", due)
    with pytest.raises(InvalidCommand, match="what changes"):
        shell.act(plans.change_step, RESPONDER, StepTerms(OPEN_LOG, WHY, due=due))
    with pytest.raises(InvalidCommand, match="at most a year"):
        plans.due_from("detected_at", 10_000)
    with pytest.raises(InvalidCommand, match="instant"):
        plans.due_from("closed_at", 1)


def test_every_change_stands_in_the_chronology_with_its_reason(shell: Incoming) -> None:
    shell.act(plans.leave_out, RESPONDER, OPEN_LOG, WHY)
    (entry,) = told(shell, EntryKind.PLAN_CHANGED)
    assert entry.words is not None
    assert (entry.actor, entry.words["change"], entry.words["reason"]) == (RESPONDER.name, "left_out", WHY)


def test_what_was_done_in_an_incident_that_is_merged_goes_on_in_the_other(incoming: Incoming) -> None:
    """Steps, added ones too; the later record of a step counts; the merged one is worked on no more."""
    for host in ("app-01", "mail-01"):
        incoming.alert({"title": "Web shell", "signal": "web_shell", "host": host, "id": host})
    added = incoming.act(plans.add_step, RESPONDER, NewStep("Call the landlord.", "dpo"))
    theirs = incoming.act(plans.add_step, RESPONDER, NewStep("Call the post.", "dpo"), reference=SECOND)
    say(incoming, result="Here.")
    incoming.act(merge, RESPONDER, SECOND, "The same account.")
    found = situation(incoming, SECOND).plan
    assert found.step(OPEN_LOG) is not None
    assert step(incoming, OPEN_LOG, SECOND).state is StepState.DONE
    assert {added, theirs} <= {one.name for one in found.steps}
    with pytest.raises(InvalidCommand, match="worked on no more"):
        say(incoming, name="name-lead")
    say(incoming, StepState.OPEN, "Only half of it.", reference=SECOND)
    assert step(incoming, OPEN_LOG, SECOND).state is StepState.OPEN
