"""The door for people: take a report in, sort what waits, the links under which reports come."""

from breach_service.acts.reporting.doors import MAIL_PAGE as MAIL_PAGE
from breach_service.acts.reporting.doors import PAGE as PAGE
from breach_service.acts.reporting.doors import STATUS_PAGE as STATUS_PAGE
from breach_service.acts.reporting.doors import Followed as Followed
from breach_service.acts.reporting.doors import end_link as end_link
from breach_service.acts.reporting.doors import followed as followed
from breach_service.acts.reporting.doors import is_mail_open as is_mail_open
from breach_service.acts.reporting.doors import is_open as is_open
from breach_service.acts.reporting.doors import make_link as make_link
from breach_service.acts.reporting.sorting import Opened as Opened
from breach_service.acts.reporting.sorting import join as join
from breach_service.acts.reporting.sorting import list_reports as list_reports
from breach_service.acts.reporting.sorting import list_waiting as list_waiting
from breach_service.acts.reporting.sorting import open_report as open_report
from breach_service.acts.reporting.sorting import set_aside as set_aside
from breach_service.acts.reporting.sorting import take_up as take_up
from breach_service.acts.reporting.taking import ANSWER as ANSWER
from breach_service.acts.reporting.taking import FLOOD as FLOOD
from breach_service.acts.reporting.taking import MOST_OPENED as MOST_OPENED
from breach_service.acts.reporting.taking import Besides as Besides
from breach_service.acts.reporting.taking import Reported as Reported
from breach_service.acts.reporting.taking import hand_in as hand_in
from breach_service.acts.reporting.taking import report as report
