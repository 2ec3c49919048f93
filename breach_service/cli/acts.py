"""Which act each command is, in the words of the table of who may do what; a test walks through all commands.

Whoever works at the command line of the machine may do everything (`app.OPERATOR`), so that nothing is refused here:
the acts refuse by themselves. What is written down is what a command does to the service, so that none is added
unseen, and why some do nothing to it.
"""

from dataclasses import dataclass

from breach_service.domain.access import Act


@dataclass(frozen=True)
class Offline:
    """A command that asks for no act: it reads files or prints, and neither sees nor changes what the service holds."""

    reason: str


COMMANDS: dict[str, Act | Offline] = {
    "serve": Act.OPERATE,
    "web": Act.OPERATE,
    "work": Act.OPERATE,
    "migrate": Act.OPERATE,
    "backup": Act.OPERATE,
    "restore": Act.OPERATE,
    "demo": Act.OPERATE,
    "check": Offline("it reads the content files"),
    "schema": Offline("it prints the form of a content file"),
    "assess": Offline("it assesses a case that is written in a file"),
    "deadline": Offline("it reckons with an instant that is given"),
    "dossier": Act.LOOK,
    "content status": Act.LOOK_AROUND,
    "content diff": Act.LOOK_AROUND,
    "content activate": Act.ACTIVATE_CONTENT,
    "drill start": Act.RUN_DRILL,
    "drill stop": Act.RUN_DRILL,
    "drill list": Act.LOOK,
    "drill report": Act.LOOK,
    "grouping replay": Offline("it plays a file through a service that is thrown away"),
    "grouping try": Act.TRY_GROUPING,
    "incident new": Act.DECLARE,
    "incident show": Act.LOOK,
    "incident closable": Act.LOOK,
    "incident close": Act.QUALIFY,
    "incident merge": Act.MERGE,
    "inventory import": Act.MANAGE_INVENTORY,
    "inventory show": Act.LOOK_AROUND,
    "inventory export": Act.LOOK_AROUND,
    "inventory history": Act.LOOK_AROUND,
    "mandate list": Act.LOOK_AROUND,
    "mandate add": Act.RECORD_MANDATE,
    "mandate revoke": Act.RECORD_MANDATE,
    "playbook list": Act.LOOK,
    "playbook show": Act.LOOK,
    "playbook plan": Act.LOOK,
    "provider notice": Act.DECLARE,
    "provider notices": Act.LOOK,
    "provider letter": Act.LOOK,
    "quarantine list": Act.LOOK_AROUND,
    "quarantine show": Act.LOOK_AT_RAW,
    "quarantine replay": Act.REPLAY,
    "register verify": Act.LOOK,
    "rota show": Act.LOOK_AROUND,
    "rota set": Act.MANAGE_ROTA,
    "rota import": Act.MANAGE_ROTA,
    "rota gaps": Act.LOOK_AROUND,
    "silence add": Act.SILENCE,
    "silence preview": Act.LOOK_AROUND,
    "silence list": Act.LOOK_AROUND,
    "silence end": Act.SILENCE,
    "source add": Act.MANAGE_SOURCES,
    "source rotate": Act.MANAGE_SOURCES,
    "source release": Act.MANAGE_SOURCES,
    "source expect": Act.MANAGE_SOURCES,
    "source test": Act.MANAGE_SOURCES,
    "source map": Act.MANAGE_SOURCES,
    "source try": Offline("it reads a body from a file, and nothing is kept"),
    "source list": Act.LOOK_AROUND,
    "source recipe": Act.LOOK_AROUND,
    "user add": Act.MANAGE_PEOPLE,
    "user invite": Act.MANAGE_PEOPLE,
    "user list": Act.MANAGE_PEOPLE,
    "user disable": Act.MANAGE_PEOPLE,
    "user enable": Act.MANAGE_PEOPLE,
    "user role": Act.MANAGE_PEOPLE,
    "user link": Act.MANAGE_PEOPLE,
    "user unlink": Act.MANAGE_PEOPLE,
    "user let-in": Act.MANAGE_PEOPLE,
    "token add": Act.MANAGE_PEOPLE,
    "token list": Act.MANAGE_PEOPLE,
    "token revoke": Act.MANAGE_PEOPLE,
}
"""By the words that are typed."""
