"""What receiving is compared with: a bare FastAPI route that parses the same body with pydantic and stores nothing."""

import sys
from datetime import datetime

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Alert(BaseModel):
    """One member of an Alertmanager group."""

    status: str
    labels: dict[str, str]
    annotations: dict[str, str]
    startsAt: datetime  # the sender's words
    endsAt: datetime
    generatorURL: str = ""
    fingerprint: str = ""


class Group(BaseModel):
    """The webhook of Alertmanager, version 4."""

    version: str
    groupKey: str
    truncatedAlerts: int = 0
    status: str
    receiver: str
    groupLabels: dict[str, str]
    commonLabels: dict[str, str]
    commonAnnotations: dict[str, str]
    externalURL: str
    alerts: list[Alert]


app = FastAPI()


@app.get("/readyz")
async def ready() -> dict[str, str]:
    """It answers."""
    return {"status": "ready"}


@app.post("/webhooks/bench")
async def take(group: Group) -> dict[str, int]:
    """Parsed and let go."""
    return {"alerts": len(group.alerts)}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
