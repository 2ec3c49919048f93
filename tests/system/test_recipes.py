"""Recipes with the real tools: what `source recipe` prints is what is run, and its alerts arrive and are understood."""

import json
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.system.conftest import Running
from tests.system.recipes import alerts_of, connect, is_known, one_with

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One service for all of them, with the example inventory; each test has a source of its own."""
    service = Running(tmp_path_factory.mktemp("service"))
    service.start()
    try:
        service.set_up()
        yield service
    finally:
        if service.process is not None:
            service.process.send(signal.SIGKILL)


def run(*arguments: str | Path, **options: Any) -> str:
    """Run a command of the recipe that must succeed."""
    done = subprocess.run(
        [str(one) for one in arguments], capture_output=True, text=True, check=False, timeout=90, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.needs("alertmanager", "amtool", "promtool")
def test_alertmanager(running: Any, start_process: Any, port: Any, wait_until: Any, tmp_path: Path) -> None:
    """The receiver sends at once; the scrape configuration and the rules are valid as printed."""
    recipe = connect(running, "alertmanager", "alerts")
    config = recipe.written(tmp_path, "alertmanager.yml")
    recipe.written(tmp_path, "prometheus.yml")
    shutil.copy(ROOT / "helm/breach-service/files/rules.yaml", tmp_path / "breach-service.rules.yaml")
    run("amtool", "check-config", config)
    run("promtool", "check", "config", "prometheus.yml", cwd=tmp_path)
    number = port()
    start_process(
        "alertmanager", shutil.which("prometheus-alertmanager") or "alertmanager", f"--config.file={config}",
        f"--storage.path={tmp_path}/am", f"--web.listen-address=127.0.0.1:{number}", "--cluster.listen-address=",
    )  # fmt: skip
    wait_until(is_known(running, "alerts"), "the source was not taken up")

    def add_alert() -> bool:
        done = subprocess.run(
            ["amtool", f"--alertmanager.url=http://127.0.0.1:{number}", "alert", "add", "WebShellFound",
             "host=app-01", "signal=web_shell", "severity=critical", "--annotation=summary=A web shell on app-01"],
            capture_output=True, check=False, timeout=30,
        )  # fmt: skip
        return done.returncode == 0

    wait_until(add_alert, "Alertmanager did not start")
    found = wait_until(one_with(running, "alerts", signal="web_shell"), "the alert did not arrive")
    assert found["status"] == "firing"
    assert found["incident"]


@pytest.mark.needs("sh", "curl", "openssl")
@pytest.mark.parametrize("auth", ["bearer", "hmac", "url"])
def test_a_script(running: Any, wait_until: Any, tmp_path: Path, auth: str) -> None:
    """curl with each credential."""
    recipe = connect(running, "json", f"script-{auth}", auth=auth)
    wait_until(is_known(running, f"script-{auth}"), "the source was not taken up")
    run("sh", recipe.written(tmp_path, "send-alert.sh"))
    found = wait_until(one_with(running, f"script-{auth}", signal="data_exposure"), "the alert did not arrive")
    assert found["title"] == "Customer file found in a public bucket"


@pytest.mark.needs("sh", "curl")
@pytest.mark.parametrize("auth", ["bearer", "url"])
def test_a_backup_that_fails_and_succeeds(running: Any, wait_until: Any, tmp_path: Path, auth: str) -> None:
    """The wrapper keeps output and status of the command, whatever it printed, and the success closes the failure."""
    recipe = connect(running, "backup", f"backups-{auth}", auth=auth)
    wrapper = recipe.written(tmp_path, "/usr/local/bin/backup-and-report")
    wait_until(is_known(running, f"backups-{auth}"), "the source was not taken up")
    command = 'printf "saving \\"all\\"\\tof C:\\\\data\\nno space left\\n"; exit 3'
    done = subprocess.run(
        ["sh", str(wrapper), "restic", "sh", "-c", command], capture_output=True, text=True, check=False, timeout=90
    )
    assert done.returncode == 3, done.stderr
    assert "no space left" in done.stdout
    failed = wait_until(one_with(running, f"backups-{auth}", status="firing"), "the failure did not arrive")
    assert "restic" in failed["title"]
    run("sh", wrapper, "restic", "true")
    closed = wait_until(one_with(running, f"backups-{auth}", status="resolved"), "the success did not arrive")
    assert closed["fingerprint"] == failed["fingerprint"]


@pytest.mark.needs("sh", "curl", "openssl")
@pytest.mark.parametrize("auth", ["bearer", "hmac"])
def test_a_notification_command_of_nagios(running: Any, wait_until: Any, tmp_path: Path, auth: str) -> None:
    """Whatever the output of a check holds; the recovery closes the problem."""
    recipe = connect(running, "nagios", f"nagios-{auth}", auth=auth)
    command = recipe.written(tmp_path, "/usr/local/bin/notify-breach-service")
    wait_until(is_known(running, f"nagios-{auth}"), "the source was not taken up")
    told = ("host_name=app-01", "host_address=192.0.2.10", "host_state=UP", "service_description=HTTP")
    broken, sound = ("service_state=CRITICAL", 'service_output=no "answer" on C:\\ = late'), ("service_state=OK",)
    run("sh", command, "notification_type=PROBLEM", *told, *broken, "service_problem_id=41", "timet=1795392000")
    problem = wait_until(one_with(running, f"nagios-{auth}", status="firing"), "the problem did not arrive")
    run("sh", command, "notification_type=RECOVERY", *told, *sound, "service_problem_id=0", "timet=1795392300")
    recovery = wait_until(one_with(running, f"nagios-{auth}", status="resolved"), "the recovery did not arrive")
    assert recovery["fingerprint"] == problem["fingerprint"]


@pytest.mark.parametrize("auth", ["bearer", "hmac", "url"])
def test_the_integration_script_of_wazuh(running: Any, wait_until: Any, tmp_path: Path, auth: str) -> None:
    """As integratord runs it: file of the alert, key, address."""
    recipe = connect(running, "wazuh", f"wazuh-{auth}", auth=auth)
    script = recipe.written(tmp_path, "/var/ossec/integrations/custom-breach-service")
    wait_until(is_known(running, f"wazuh-{auth}"), "the source was not taken up")
    alert = ROOT / "tests/sources/samples/wazuh/brute_force.json"
    run(sys.executable, script, alert, recipe.secret, recipe.url)
    found = wait_until(lambda: alerts_of(running, f"wazuh-{auth}"), "the alert did not arrive")
    assert found[0]["title"]


@pytest.mark.needs("fail2ban-server", "curl")
def test_fail2ban(running: Any, start_process: Any, wait_until: Any, tmp_path: Path) -> None:
    """A ban opens the alert, its end closes it."""
    recipe = connect(running, "fail2ban", "bans", auth="bearer")
    config = tmp_path / "fail2ban"
    shutil.copytree("/etc/fail2ban", config)
    recipe.written(config / "action.d", "/etc/fail2ban/action.d/breach-service.conf")
    recipe.written(config / "jail.d", "/etc/fail2ban/jail.d/breach-service.conf")
    log = tmp_path / "auth.log"
    log.write_text("")
    # The firewall of this machine is left alone: the banning action of the test does nothing.
    (config / "action.d" / "nothing.conf").write_text("[Definition]\nactionban =\nactionunban =\n[Init]\n")
    (config / "jail.local").write_text(
        "[DEFAULT]\nbackend = polling\nbanaction = nothing\nbanaction_allports = nothing\nusedns = no\n"
        "bantime = 5\nfindtime = 1d\nmaxretry = 3\nallowipv6 = no\n"
        f"[sshd]\nenabled = true\nmode = normal\nbackend = polling\nlogpath = {log}\n"
    )
    wait_until(is_known(running, "bans"), "the source was not taken up")
    server = start_process(
        "fail2ban", "fail2ban-server", "-f", "-x", "-c", str(config), "-s", str(tmp_path / "socket"), "-p",
        str(tmp_path / "pid"), "--logtarget", "stdout", "start",
    )  # fmt: skip
    wait_until(lambda: "Jail 'sshd' started" in server.text(), "fail2ban did not start")
    with log.open("a") as lines:
        for number in range(5):
            now = datetime.now().strftime("%b %d %H:%M:%S")
            lines.write(
                f"{now} app-01 sshd[{4000 + number}]: Failed password for root from 198.51.100.7 port 4{number} ssh2\n"
            )
    found = wait_until(one_with(running, "bans", signal="brute_force"), f"no ban arrived:\n{server.text()}")
    assert "198.51.100.7" in json.dumps(found)
    fingerprint = found["fingerprint"]
    wait_until(
        one_with(running, "bans", status="resolved", fingerprint=fingerprint), f"its end did not:\n{server.text()}"
    )


def syslog_ng(start_process: Any, directory: Path, config: Path) -> Any:
    """syslog-ng with one file of a recipe, as /etc/syslog-ng/syslog-ng.conf includes it."""
    main = directory / "syslog-ng.conf"
    main.write_text(f'@version: 3.38\n@include "scl.conf"\noptions {{ stats-freq(0); }};\n@include "{config}"\n')
    run("syslog-ng", "--syntax-only", "--no-caps", "-f", main)
    return start_process(
        "syslog-ng", "syslog-ng", "--foreground", "--no-caps", "--stderr", "-f", str(main), "-R",
        str(directory / "persist"), "-p", str(directory / "pid"), "-c", str(directory / "control"),
    )  # fmt: skip


FIREWALL_LINE = (
    '<185>date={day} time={time} devname="fw-01" devid="FG100" eventtime={nanoseconds} tz="+0000" logid="0419016384"'
    ' type="utm" subtype="ips" eventtype="signature" level="alert" severity="critical" srcip=198.51.100.9'
    ' dstip=192.0.2.20 action="detected" attack="Apache.Log4j.Error.Log.Remote.Code.Execution" attackid={number}'
    ' msg="applications3: Apache.Log4j.Error.Log.Remote.Code.Execution"'
)


def firewall_line(number: int) -> str:
    now = datetime.now(UTC)
    return FIREWALL_LINE.format(
        day=now.date(), time=now.strftime("%H:%M:%S"), nanoseconds=int(now.timestamp()) * 10**9, number=number
    )


@pytest.mark.needs("syslog-ng")
def test_firewalls_through_syslog_ng(
    running: Any, start_process: Any, port: Any, wait_until: Any, tmp_path: Path
) -> None:
    """Over UDP and TCP to the relay, in batches by HTTP from there."""
    recipe = connect(running, "firewall", "firewalls", auth="bearer")
    number = port()
    path = "/etc/syslog-ng/conf.d/breach-service.conf"
    changes = (("port(5514)", f"port({number})"), ("disk-buffer(", f'disk-buffer(dir("{tmp_path}") '))
    wait_until(is_known(running, "firewalls"), "the source was not taken up")
    relay = syslog_ng(start_process, tmp_path, recipe.written(tmp_path, path, *changes))
    wait_until(lambda: "syslog-ng starting up" in relay.text(), "syslog-ng did not start")

    def send() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", number), timeout=5) as stream:
                stream.sendall("".join(firewall_line(one) + "\n" for one in (1, 2, 3)).encode())
        except ConnectionError:
            return False
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            datagram.sendto(firewall_line(4).encode(), ("127.0.0.1", number))
        return True

    wait_until(send, "the relay did not listen")
    found = wait_until(lambda: alerts_of(running, "firewalls"), f"nothing arrived:\n{relay.text()}")
    assert any("Log4j" in one["title"] for one in found), found
    wait_until(lambda: sum(one["count"] for one in alerts_of(running, "firewalls")) == 4, "not all four arrived")
