"""The one place that sees the whole sentence: receive; normalise → place → assess → oblige → enqueue."""

from breach_service.pipeline.knowledge import Knowledge as Knowledge
from breach_service.pipeline.processing import process as process
from breach_service.pipeline.receiving import Gate as Gate
