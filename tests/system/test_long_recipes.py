"""Recipes with the tools that take long to install and to start: CrowdSec and Suricata; `make test-long` runs them."""

import contextlib
import os
import re
import shutil
import signal
import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.system.recipes import alerts_of, connect, is_known
from tests.system.test_recipes import run, syslog_ng

pytestmark = pytest.mark.skipif(os.environ.get("LONG") != "1", reason="takes long: `make test-long` runs it")


@pytest.fixture
def running(make_running: Any) -> Any:
    """The service, with the example inventory."""
    service = make_running()
    service.start()
    service.set_up()
    return service


CROWDSEC = """
common: {{daemonize: false, log_media: stdout, log_level: info, working_dir: {here}}}
config_paths:
  config_dir: {here}
  data_dir: {here}/data
  simulation_path: {here}/simulation.yaml
  hub_dir: /var/lib/crowdsec/hub
  index_path: /var/lib/crowdsec/hub/.index.json
  notification_dir: {here}/notifications
  plugin_dir: {here}/plugins
crowdsec_service: {{acquisition_path: {here}/acquis.yaml, parser_routines: 1}}
cscli: {{output: human}}
db_config: {{log_level: info, type: sqlite, db_path: {here}/data/crowdsec.db, use_wal: true}}
plugin_config: {{user: "{user}", group: "{group}"}}
api:
  client: {{credentials_path: {here}/lapi.yaml}}
  server: {{log_level: info, listen_uri: "127.0.0.1:{port}", profiles_path: {here}/profiles.yaml}}
prometheus: {{enabled: false}}
"""


@pytest.fixture
def end_plugins() -> Iterator[list[Any]]:
    """Ends the plugins of the CrowdSec processes that the test puts in: they outlive it otherwise."""
    started: list[Any] = []
    yield started
    for one in started:
        for pid in re.findall(r'msg="plugin started".* pid=(\d+)', one.text()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGTERM)


@pytest.mark.needs("crowdsec", "cscli")
def test_crowdsec(
    running: Any, start_process: Any, end_plugins: list[Any], port: Any, wait_until: Any, tmp_path: Path
) -> None:
    """A brute force in a log becomes an alert, by the http plugin and the profiles as printed."""
    recipe = connect(running, "crowdsec", "crowdsec")
    here = tmp_path / "crowdsec"
    for name in ("data", "notifications", "plugins"):
        (here / name).mkdir(parents=True)
    for name in ("collections", "parsers", "patterns", "scenarios"):
        shutil.copytree(f"/etc/crowdsec/{name}", here / name, symlinks=True)
    (here / "simulation.yaml").write_text("simulation: false\n")
    recipe.written(here / "notifications", "/etc/crowdsec/notifications/http.yaml")
    recipe.written(here, "/etc/crowdsec/profiles.yaml")
    plugins = Path("/usr/lib/crowdsec/plugins")
    shutil.copy(
        next(filter(Path.exists, (plugins / "notification-http", plugins / "http"))), here / "plugins/notification-http"
    )
    (here / "plugins/notification-http").chmod(0o755)
    log = tmp_path / "auth.log"
    log.write_text("")
    (here / "acquis.yaml").write_text(f"filenames: [{log}]\nlabels: {{type: syslog}}\n")
    user = Path("/").owner() if os.geteuid() == 0 else here.owner()
    group = Path("/").group() if os.geteuid() == 0 else here.group()
    number = port()
    config = here / "config.yaml"
    config.write_text(CROWDSEC.format(here=here, port=number, user=user, group=group))
    (here / "lapi.yaml").write_text("")
    run(
        "cscli", "-c", config, "machines", "add", "-f", here / "lapi.yaml", "--force", "app-01",
        "--password", "only-for-this-test", "-u", f"http://127.0.0.1:{number}",
    )  # fmt: skip
    wait_until(is_known(running, "crowdsec"), "the source was not taken up")
    crowdsec = start_process("crowdsec", "crowdsec", "-c", str(config))
    end_plugins.append(crowdsec)
    wait_until(lambda: "Starting processing data" in crowdsec.text(), "CrowdSec did not start")
    with log.open("a") as lines:
        for one in range(12):
            now = datetime.now().strftime("%b %d %H:%M:%S")
            lines.write(f"{now} app-01 sshd[{one}]: Failed password for root from 198.51.100.7 port 4{one} ssh2\n")
            lines.flush()
    found = wait_until(lambda: alerts_of(running, "crowdsec"), f"nothing arrived:\n{crowdsec.text()[-4000:]}")
    assert {one["signal"] for one in found} == {"brute_force"}
    assert all("198.51.100.7" in one["title"] for one in found)


def capture(payload: bytes) -> bytes:
    """A capture (libpcap 2.4) of one UDP datagram from a machine of ours to an outside one, on port 5353."""
    datagram = struct.pack(">HHHH", 40000, 5353, 8 + len(payload), 0) + payload
    head = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0, bytes([192, 0, 2, 20]), bytes([198, 51, 100, 9])
    )
    frame = bytes(6) + bytes([2, 0, 0, 0, 0, 1]) + b"\x08\x00" + head + datagram
    now = int(datetime.now().timestamp())
    return (
        struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        + struct.pack("<IIII", now, 0, len(frame), len(frame))
        + frame
    )


RULE = (
    'alert udp any any -> any 5353 (msg:"ET MALWARE Customer file leaves in plain UDP"; content:"IBAN"; '
    "classtype:trojan-activity; sid:9000001; rev:1; priority:1; metadata:signature_severity Critical;)\n"
)


@pytest.mark.needs("suricata", "syslog-ng")
def test_suricata_through_syslog_ng(running: Any, start_process: Any, wait_until: Any, tmp_path: Path) -> None:
    """Its alerts leave eve.json by syslog-ng as printed; flows and statistics stay."""
    recipe = connect(running, "suricata", "suricata")
    logs = tmp_path / "log"
    logs.mkdir()
    (tmp_path / "local.rules").write_text(RULE)
    (tmp_path / "traffic.pcap").write_bytes(capture(b"IBAN FR7630006000011234567890189"))
    path = "/etc/syslog-ng/conf.d/breach-service-suricata.conf"
    changes = (("/var/log/suricata", str(logs)), ("disk-buffer(", f'disk-buffer(dir("{tmp_path}") '))
    wait_until(is_known(running, "suricata"), "the source was not taken up")
    (logs / "eve.json").write_text("")
    relay = syslog_ng(start_process, tmp_path, recipe.written(tmp_path, path, *changes))
    run(
        "suricata", "-c", "/etc/suricata/suricata.yaml", "-S", tmp_path / "local.rules",
        "-r", tmp_path / "traffic.pcap", "-l", logs, "-k", "none",
    )  # fmt: skip
    found = wait_until(lambda: alerts_of(running, "suricata"), f"nothing arrived:\n{relay.text()}")
    assert [one["count"] for one in found] == [1]
    assert "Customer file leaves in plain UDP" in found[0]["title"]
    listed = {one["name"]: one for one in running.command("source", "list")}
    assert listed["suricata"]["quarantined"] == 0
