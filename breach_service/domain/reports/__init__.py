"""What people without an account tell us: reports, the five questions, mails as reports."""

from breach_service.domain.reports.answers import Answers as Answers
from breach_service.domain.reports.answers import report_of_answers as report_of_answers
from breach_service.domain.reports.automatic import LOOP_HEADER as LOOP_HEADER
from breach_service.domain.reports.automatic import Automatic as Automatic
from breach_service.domain.reports.mail import MOST_BYTES as MOST_BYTES
from breach_service.domain.reports.mail import report_of_mail as report_of_mail
from breach_service.domain.reports.posted import Posted as Posted
from breach_service.domain.reports.posted import Subscription as Subscription
from breach_service.domain.reports.posted import posted_form as posted_form
from breach_service.domain.reports.posted import posted_json as posted_json
from breach_service.domain.reports.questions import QUESTIONS as QUESTIONS
from breach_service.domain.reports.questions import Question as Question
from breach_service.domain.reports.questions import QuestionKind as QuestionKind
from breach_service.domain.reports.report import SERIES as SERIES
from breach_service.domain.reports.report import Attachment as Attachment
from breach_service.domain.reports.report import Flaw as Flaw
from breach_service.domain.reports.report import Report as Report
from breach_service.domain.reports.report import ReportChannel as ReportChannel
from breach_service.domain.reports.report import Reporter as Reporter
from breach_service.domain.reports.report import ReporterKind as ReporterKind
from breach_service.domain.reports.report import digest_of as digest_of
from breach_service.domain.reports.report import numbers_in as numbers_in
from breach_service.domain.reports.reporters import Acquaintance as Acquaintance
from breach_service.domain.reports.reporters import reporter_of as reporter_of
