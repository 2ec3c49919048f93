"""What platforms know of themselves: Kubernetes' labels (`kubectl get … -o json`) and Prometheus' targets."""

import json
import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from breach_service.domain.inventory import Proposal, System, SystemMatch
from breach_service.domain.text import Text
from breach_service.inventory_files.faults import CellFault, Unreadable, fault_at
from breach_service.inventory_files.limits import MOST_ROWS
from breach_service.inventory_files.reading import Reading, id_from, reading_of
from breach_service.inventory_files.texts import text_of
from breach_service.inventory_files.words import FaultKind

_APPLICATION_LABELS = ("app.kubernetes.io/name", "app", "k8s-app")
_PORT = re.compile(r":\d+$")


def kubernetes_systems(raw: bytes) -> Reading:
    """One system for each application of a name space, found by both labels; one for each node.

    From `kubectl get deployments,statefulsets,daemonsets,pods,nodes -A -o json`; the application is the label
    app.kubernetes.io/name, else app, else k8s-app, else the name of the object that nothing owns. A fault's sheet is
    `items`, its row the number of the item. Raises Unreadable.
    """
    document = _document(raw)
    items = document.get("items", [document] if "metadata" in document else None)
    if not isinstance(items, list) or len(items) > MOST_ROWS:
        raise Unreadable(FaultKind.NOT_JSON, "kubectl get … -o json: items")
    faults: list[CellFault] = []
    systems: dict[str, System] = {}
    for number, item in enumerate(items, start=1):
        said = item.get("metadata") if isinstance(item, dict) else None
        if not isinstance(said, dict) or not isinstance(said.get("name"), str) or not said["name"]:
            faults.append(fault_at("items", number, 0, FaultKind.MISSING_VALUE, "", "metadata.name"))
            continue
        system = _node(item, said) if item.get("kind") == "Node" else _workload(item, said)
        if system is not None:
            systems.setdefault(system.id, system)
    return reading_of(Proposal(systems=tuple(systems.values()), is_partial=True), faults)


def _workload(item: Mapping[str, Any], said: Mapping[str, Any]) -> System | None:
    labels = {**_labels(item, "spec", "template", "metadata", "labels"), **_labels(item, "metadata", "labels")}
    space = said.get("namespace") if isinstance(said.get("namespace"), str) else ""
    key = next((one for one in _APPLICATION_LABELS if labels.get(one)), None)
    if key is None and (said.get("ownerReferences") or item.get("kind") in ("Pod", "ReplicaSet")):
        return None
    name = labels[key] if key else said["name"]
    found = {"namespace": space} if space and key else {}
    match = SystemMatch(applications=(name,), **({"labels": {**found, key: name}} if key else {}))
    return System(id=id_from(f"{space} {name}"), name=Text(fr=f"{name} ({space})" if space else name), match=match)


def _node(item: Mapping[str, Any], said: Mapping[str, Any]) -> System:
    hosts, networks = [said["name"].lower()], []
    status = item.get("status")
    addresses = status.get("addresses") if isinstance(status, dict) else None
    for one in addresses if isinstance(addresses, list) else ():
        text = one.get("address") if isinstance(one, dict) else None
        if isinstance(text, str) and text:
            network = _range_of(text)
            if network:
                networks.append(network)
            else:
                hosts.append(text.lower())
    match = SystemMatch(hosts=tuple(dict.fromkeys(hosts)), **({"networks": tuple(networks)} if networks else {}))
    return System(id=id_from(f"node {said['name']}"), name=Text(fr=said["name"]), match=match)


def _labels(item: Mapping[str, Any], *way: str) -> dict[str, str]:
    found: Any = item
    for step in way:
        found = found.get(step) if isinstance(found, dict) else None
    return {key: one for key, one in found.items() if isinstance(one, str)} if isinstance(found, dict) else {}


def prometheus_systems(raw: bytes) -> Reading:
    """One system for each job of the active targets: its label `job`, and the machines that it names.

    From `GET /api/v1/targets?state=active`. A fault's sheet is `activeTargets`, its row the number of the target.
    Raises Unreadable.
    """
    data = _document(raw).get("data")
    targets = data.get("activeTargets") if isinstance(data, dict) else None
    if not isinstance(targets, list) or len(targets) > MOST_ROWS:
        raise Unreadable(FaultKind.NOT_JSON, "/api/v1/targets: data.activeTargets")
    faults: list[CellFault] = []
    jobs: dict[str, list[str]] = {}
    for number, target in enumerate(targets, start=1):
        labels = _labels(target, "labels") if isinstance(target, dict) else {}
        missing = [one for one in ("job", "instance") if not labels.get(one)]
        faults += [
            fault_at("activeTargets", number, 0, FaultKind.MISSING_VALUE, "", f"labels.{one}") for one in missing
        ]
        if not missing:
            jobs.setdefault(labels["job"], []).append(labels["instance"])
    systems: dict[str, System] = {}
    for job, instances in jobs.items():
        system_id = id_from(job)
        while system_id in systems:  # jobs that differ in case or in signs alone
            system_id += "-x"
        systems[system_id] = System(id=system_id, name=Text(fr=job), match=_match_of(job, instances))
    return reading_of(Proposal(systems=tuple(systems.values()), is_partial=True), faults)


def _match_of(job: str, instances: list[str]) -> SystemMatch:
    hosts, networks = [], []
    for one in dict.fromkeys(instances):
        host = _host_of(one)
        network = _range_of(host)
        if network:
            networks.append(network)
        elif host and host != "localhost":
            hosts.append(host)
    given = {"hosts": tuple(dict.fromkeys(hosts)), "networks": tuple(dict.fromkeys(networks))}
    return SystemMatch(labels={"job": job}, **{name: value for name, value in given.items() if value})


def _host_of(instance: str) -> str:
    """The machine of an instance: of an address with a port, or of the URL that a probe looks at."""
    text = instance.partition("://")[2].partition("/")[0] if "://" in instance else instance
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.lower() if text.count(":") > 1 else _PORT.sub("", text).lower()


def _range_of(text: str) -> str:
    """The range of one address; empty for what is no address, and for this machine itself."""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    return "" if address.is_loopback else f"{address}/{address.max_prefixlen}"


def _document(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text_of(raw))
    except (ValueError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(FaultKind.NOT_JSON, str(error)[:80]) from error
    if not isinstance(found, dict):
        raise Unreadable(FaultKind.NOT_JSON, "{…}")
    return found
