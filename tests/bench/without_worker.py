"""The service without its worker, so that receiving is measured alone; the command line refuses this on SQLite."""

from breach_service.app import open_service, prepare, run_web
from breach_service.settings import Settings

if __name__ == "__main__":
    service = open_service(Settings())
    prepare(service)
    run_web(service, with_worker=False)
