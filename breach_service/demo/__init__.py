"""The demonstration: the service, the example inventory, an attack played into its own webhooks over HTTP."""

from breach_service.demo.running import run_demo as run_demo
