"""The command line. Every listing and result takes `--json`; faults go to standard error, exit status 1."""

from breach_service.cli.commands import main as main
