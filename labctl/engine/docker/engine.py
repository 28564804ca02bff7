"""The Docker engine: a container for each node, an internal network for each network.

Labels are the truth (``labels``); one client per thread, because the SDK's client is not made
for several; a static address is part of the create call, because it cannot be given later.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, Final

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.networks import Network
from docker.types import EndpointConfig, IPAMConfig, IPAMPool

from labctl.compiler.plan import Plan
from labctl.engine.console import understand
from labctl.engine.docker import files, images, labels, streams, subnets
from labctl.engine.docker.container import applied, observed, read, standing
from labctl.engine.docker.failures import explained, subnet_is_free
from labctl.engine.interface import (
    Completed,
    Event,
    LabInfo,
    NodeState,
    Observed,
    Session,
    Step,
    StepKind,
)
from labctl.engine.reconcile import structure_of
from labctl.errors import ExitCode, LabError
from labctl.shipped import shipped

WORKERS: Final = 8
CONSOLE_LINES: Final = 200


class DockerEngine:
    """Labs of containers; see ``labctl.engine.interface.Engine`` for the verbs."""

    name = "docker"

    def __init__(self) -> None:
        self.notice = ""
        self._local = threading.local()

    def labs(self) -> list[LabInfo]:
        with explained("list labs"):
            found: dict[str, list[Container]] = {}
            for container in self._containers():
                found.setdefault(container.labels[labels.LAB], []).append(container)
            return [
                LabInfo(lab, self.name, len(some), sum(one.status == "running" for one in some))
                for lab, some in sorted(found.items())
            ]

    def taken_subnets(self, lab: str) -> Mapping[str, str]:
        with explained("list networks"):
            networks = self._client.networks.list()
            own = {one.id for one in self._networks(lab)}
            return subnets.taken(networks, own)

    def observe(self, lab: str) -> Observed:
        with explained("look at the lab"):
            networks = {
                network.attrs["Labels"][labels.NETWORK]: subnets.of(network)[0]
                for network in self._networks(lab)
            }
            containers = self._containers(lab)
            with ThreadPoolExecutor(WORKERS) as pool:
                found = list(pool.map(observed, containers))
            nodes = {
                container.labels[labels.NODE]: node
                for container, node in zip(containers, found, strict=True)
            }
            return Observed(networks, nodes)

    def expect(self) -> None:
        pass  # the engine is there already

    def prepare(self, plan: Plan, report: Callable[[str], None]) -> None:
        """Build the images that are missing, or older than the labctl that is installed."""
        with explained("look for images"):
            folder = shipped("images")
            for name in sorted({node.image for node in plan.nodes} & set(images.names(folder))):
                if not images.is_current(self._client, folder, name):
                    images.build(folder, name, "auto", report)

    def apply(
        self, steps: Sequence[Step], plan: Plan, *, starting: Sequence[str], timeout: float
    ) -> Iterator[Event]:
        began = time.monotonic()
        deadline = began + timeout
        self._check_images(steps, plan)
        created = [step.name for step in steps if step.kind is StepKind.CREATE_NODE]
        for phase in PHASES:
            chosen = [step for step in steps if step.kind in phase]
            for step in self._side_by_side(chosen, plan):
                yield Event(step.name, step.kind.value, step.cause, time.monotonic() - began)
        yield from self._until_ready([*created, *starting], plan, began, deadline)

    def execute(
        self, lab: str, node: str, argv: Sequence[str], *, stdin: bytes = b"", user: str = ""
    ) -> Completed:
        with streams.Exec(self._client, self._name(lab, node), argv, user=user) as running:
            running.write(stdin)
            running.end_of_input()
            out, err = running.collect()
            return Completed(running.exit_code(), out, err)

    def interact(self, lab: str, node: str, argv: Sequence[str], *, terminal: bool) -> int:
        name = self._name(lab, node)
        with streams.Exec(self._client, name, argv, terminal=terminal) as running:
            running.relay(sys.stdin, sys.stdout, sys.stderr)
            return running.exit_code()

    def attach(self, lab: str, node: str, argv: Sequence[str]) -> Session:
        running = streams.Exec(self._client, self._name(lab, node), argv)
        return streams.Attached(running)

    def console(self, lab: str, node: str) -> str:
        with explained("read a console"):
            container = self._client.containers.get(labels.container_name(lab, node))
            return str(container.logs(tail=CONSOLE_LINES).decode(errors="replace"))

    def remember(self, lab: str, plan: str) -> None:
        with explained("keep the plan"):
            # Any container will do, so all get it: whichever is left can tell.
            archive = files.pack_one(files.PLAN, plan)
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(lambda one: one.put_archive("/", archive), self._containers(lab)))

    def recall(self, lab: str) -> str:
        with explained("read the plan"):
            for container in self._containers(lab):
                if text := read(container, files.PLAN):
                    return text
            return ""

    def set_link(self, lab: str, node: str, *, up: bool) -> None:
        with explained("change a link"):
            container = self._client.containers.get(self._name(lab, node))
            for network in self._networks(lab):
                address = container.labels.get(f"{labels.PREFIX}.address.{network.name}")
                if address and up:
                    network.connect(container, ipv4_address=address)
                elif address:
                    network.disconnect(container, force=True)

    def remove(self, lab: str) -> bool:
        with explained("remove the lab"):
            containers = self._containers(lab)
            networks = self._networks(lab)
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(_remove_container, containers))
            for network in networks:
                _gone_is_fine(network.remove)
            return bool(containers or networks)

    # -- steps

    def _side_by_side(self, steps: Sequence[Step], plan: Plan) -> Iterator[Step]:
        with ThreadPoolExecutor(WORKERS) as pool:
            futures = {pool.submit(STEPS[step.kind], self, step, plan): step for step in steps}
            for future in as_completed(futures):
                step = futures[future]
                try:
                    with explained(f"{step.kind} {step.name}"):
                        future.result()
                except LabError:
                    pool.shutdown(cancel_futures=True)
                    raise
                yield step

    def _create_network(self, step: Step, plan: Plan) -> None:
        subnet = next(one.subnet for one in plan.networks if one.name == step.name)
        with subnet_is_free(step.name, subnet):
            self._client.networks.create(
                labels.network_name(plan.lab, step.name),
                driver="bridge",
                internal=True,
                labels={**labels.of_lab(plan.lab), labels.NETWORK: step.name},
                ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=subnet)]),
            )

    def _remove_network(self, step: Step, plan: Plan) -> None:
        _gone_is_fine(
            self._client.networks.get(labels.network_name(plan.lab, step.name)).remove
        )

    def _create_node(self, step: Step, plan: Plan) -> None:
        node = plan.node(step.name)
        first, *others = node.interfaces
        addresses = {
            f"{labels.PREFIX}.address.{labels.network_name(plan.lab, one.network)}": one.address
            for one in node.interfaces
        }
        first_network = labels.network_name(plan.lab, first.network)
        api = self._client.api
        made = api.create_container(
            images.reference(node.image),
            command=["/usr/sbin/init"],
            name=labels.container_name(plan.lab, node.name),
            hostname=node.hostname,
            labels={
                **labels.of_lab(plan.lab),
                **addresses,
                labels.NODE: node.name,
                labels.STRUCTURE: structure_of(node),
            },
            host_config=api.create_host_config(
                network_mode=first_network, cap_add=["NET_ADMIN"]
            ),
            networking_config={"EndpointsConfig": {first_network: _endpoint(first.address)}},
        )
        container = made["Id"]
        for other in others:
            api.connect_container_to_network(
                container,
                labels.network_name(plan.lab, other.network),
                ipv4_address=other.address,
            )
        api.put_archive(container, "/", files.of_node(node))
        api.start(container)

    def _remove_node(self, step: Step, plan: Plan) -> None:
        name = labels.container_name(plan.lab, step.name)
        _gone_is_fine(lambda: self._client.api.remove_container(name, force=True, v=True))

    def _write_files(self, step: Step, plan: Plan) -> None:
        node = plan.node(step.name)
        container = self._client.containers.get(labels.container_name(plan.lab, node.name))
        chosen = [file for file in node.files if file.path in step.paths]
        container.put_archive("/", files.of_change(node, applied(container), chosen))
        if any(file.path in files.MOUNTED for file in chosen):
            self.execute(plan.lab, node.name, ["/usr/sbin/init", "reload", "mounted"])

    def _delete_files(self, step: Step, plan: Plan) -> None:
        self.execute(plan.lab, step.name, ["rm", "-f", *step.paths])
        node = plan.node(step.name)
        container = self._client.containers.get(labels.container_name(plan.lab, node.name))
        left = applied(container).without(step.paths)
        container.put_archive("/", files.of_change(node, left))

    def _make_directories(self, step: Step, plan: Plan) -> None:
        node = plan.node(step.name)
        container = self._client.containers.get(labels.container_name(plan.lab, node.name))
        made = [one for one in node.directories if one.path in step.paths]
        container.put_archive("/", files.of_change(node, applied(container), (), made))

    def _reload(self, step: Step, plan: Plan) -> None:
        done = self.execute(plan.lab, step.name, ["/usr/sbin/init", "reload", step.service])
        if done.exit_code:
            raise LabError(
                f"node {step.name}: {step.service} cannot read its files again",
                hint=done.stderr.decode(errors="replace").strip(),
                exit_code=ExitCode.FAILED,
            )

    # -- readiness

    def _until_ready(
        self, names: Sequence[str], plan: Plan, began: float, deadline: float
    ) -> Iterator[Event]:
        """Read the consoles side by side until each has said "ready", or that it cannot be."""
        if not names:
            return
        with ThreadPoolExecutor(len(names)) as pool:
            futures = [
                pool.submit(self._wait_for, plan.lab, name, began, deadline) for name in names
            ]
            for future in as_completed(futures):
                yield future.result()

    def _wait_for(self, lab: str, node: str, began: float, deadline: float) -> Event:
        with explained("wait for a node"):
            container = self._client.containers.get(labels.container_name(lab, node))
            for line in streams.console_lines(container, deadline):
                seconds = time.monotonic() - began
                if said := understand(line):
                    return Event(node, said.state.value, said.reason, seconds)
            # Looked at once more: to make the containers may have taken all the time there was.
            container.reload()
            said = standing(container)
            reason = "not ready in time" if said.state is NodeState.STARTING else said.reason
            return Event(node, said.state.value, reason, time.monotonic() - began)

    # -- what there is

    @property
    def _client(self) -> docker.DockerClient:
        if not hasattr(self._local, "client"):
            self._local.client = images.connect()
        client: docker.DockerClient = self._local.client
        return client

    def _containers(self, lab: str = "") -> list[Container]:
        found = self._client.containers.list(
            all=True, filters=labels.filters(lab), ignore_removed=True
        )
        return sorted(found, key=lambda one: str(one.name))

    def _networks(self, lab: str) -> list[Network]:
        return list(self._client.networks.list(filters=labels.filters(lab)))

    def _name(self, lab: str, node: str) -> str:
        name = labels.container_name(lab, node)
        with explained("look at the lab"):
            known = {one.name: one for one in self._containers(lab)}
        if name in known and known[name].status != "running":
            raise LabError(
                f"node {node} does not run (it is {known[name].status})",
                hint="labctl up starts it; labctl logs --console shows its last words.",
            )
        if name in known:
            return name
        nodes = ", ".join(one.labels[labels.NODE] for one in known.values())
        raise LabError(
            f"no node is called {node!r}" if known else f"no lab called {lab!r} is running",
            hint=f"This lab has: {nodes}." if known else "labctl up starts one.",
            exit_code=ExitCode.USAGE,
        )

    def _check_images(self, steps: Sequence[Step], plan: Plan) -> None:
        nodes = [plan.node(s.name) for s in steps if s.kind is StepKind.CREATE_NODE]
        needed = {images.reference(node.image) for node in nodes}
        for tag in sorted(needed):
            if not images.exists(self._client, tag):
                raise LabError(
                    f"the image {tag} is not here",
                    hint="Build it: labctl images build   Or use --engine native, "
                    "which needs no image.",
                )


def _endpoint(address: str) -> EndpointConfig:
    return EndpointConfig("1.22", ipv4_address=address)


def _remove_container(container: Container) -> None:
    _gone_is_fine(lambda: container.remove(force=True, v=True))


def _gone_is_fine(action: Callable[[], Any]) -> None:
    with contextlib.suppress(NotFound):
        try:
            action()
        except APIError as error:
            if error.status_code != 409:  # somebody else is removing it right now
                raise


Do = Callable[[DockerEngine, Step, Plan], None]

STEPS: Final[Mapping[StepKind, Do]] = {
    StepKind.REMOVE_NODE: DockerEngine._remove_node,
    StepKind.REMOVE_NETWORK: DockerEngine._remove_network,
    StepKind.CREATE_NETWORK: DockerEngine._create_network,
    StepKind.CREATE_NODE: DockerEngine._create_node,
    StepKind.DELETE_FILES: DockerEngine._delete_files,
    StepKind.MAKE_DIRECTORIES: DockerEngine._make_directories,
    StepKind.WRITE_FILES: DockerEngine._write_files,
    StepKind.RELOAD: DockerEngine._reload,
}
# What may be done side by side; a phase begins when the one before has ended.
PHASES: Final = tuple((kind,) for kind in STEPS)
