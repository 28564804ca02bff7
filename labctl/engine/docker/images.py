"""Images of nodes: built from the installed package itself, on a base that can be had here.

a context   the Dockerfile of images/NAME, and site/: labctl.node and what it imports
a base      --base IMAGE, or `auto`: Debian's image where a registry can be reached, and
            otherwise one made with mmdebstrap(1) from Debian's packages, as in rooms
            without a registry
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import docker
from docker.errors import APIError, BuildError, DockerException, ImageNotFound

from labctl.engine import node_code
from labctl.errors import ExitCode, LabError

REPOSITORY: Final = "labctl"
DEBIAN: Final = "debian:bookworm-slim"
OWN_BASE: Final = "labctl/base:bookworm"
LABEL: Final = "dev.labctl.context"  # a digest of what the image was built from
# What images/node/Dockerfile would install; a base that has it makes its RUN line pass by.
BASE_PACKAGES: Final = (
    "python3",
    "python3-setproctitle",
    "netbase",
    "iproute2",
    "procps",
    "psmisc",
)
BUILD_TIMEOUT: Final = 900  # seconds; most of it is Debian's archive


class Image(NamedTuple):
    """One line of `labctl images ls`."""

    name: str
    tag: str
    built: str  # as Docker says it, or ""
    megabytes: int


def names(folder: Path) -> list[str]:
    """Name the images that can be built: the folders with a Dockerfile."""
    return sorted(path.parent.name for path in folder.glob("*/Dockerfile"))


def images(folder: Path) -> list[Image]:
    """List the images of labctl, built or not."""
    client = connect()
    return [_image(client, name) for name in names(folder)]


def build(folder: Path, name: str, base: str, report: Callable[[str], None]) -> str:
    """Build an image; give its tag.  ``report`` gets a line at a time of what goes on."""
    if name not in names(folder):
        raise LabError(
            f"no image is called {name!r}",
            hint=f"There are: {', '.join(names(folder))}.",
            exit_code=ExitCode.USAGE,
        )
    client = connect()
    chosen = _base(client, base, report)
    report(f"building {tag_of(name)} on {chosen}")
    context = _context(folder / name)
    try:
        client.images.build(
            fileobj=context,
            custom_context=True,
            tag=tag_of(name),
            buildargs={"BASE": chosen},
            labels={LABEL: _digest(context)},
            rm=True,
            timeout=BUILD_TIMEOUT,
        )
    except BuildError as error:
        said = "".join(line.get("stream", "") for line in error.build_log)[-1500:]
        raise LabError(f"the image {tag_of(name)} cannot be built", hint=said) from error
    except APIError as error:
        raise LabError(f"the image {tag_of(name)} cannot be built: {error}") from error
    return tag_of(name)


def tag_of(name: str) -> str:
    """Give the tag of an image of ours."""
    return f"{REPOSITORY}/{name}:latest"


def reference(image: str) -> str:
    """Give what Docker calls the image of a node: "node" is ours, "debian:12" is itself."""
    return image if set(image) & set(":/") else tag_of(image)


def is_current(client: docker.DockerClient, folder: Path, name: str) -> bool:
    """Say whether an image is here and was built from the labctl that runs now."""
    try:
        image = client.images.get(tag_of(name))
    except ImageNotFound:
        return False
    return image.labels.get(LABEL) == _digest(_context(folder / name))


def exists(client: docker.DockerClient, tag: str) -> bool:
    """Say whether an image is here."""
    try:
        client.images.get(tag)
    except ImageNotFound:
        return False
    return True


def connect() -> docker.DockerClient:
    """Connect to the engine that DOCKER_HOST names, or the local one."""
    try:
        return docker.from_env(timeout=60)
    except DockerException as error:
        raise LabError(
            "no Docker engine answers",
            hint=f"{error}\nStart one (systemctl start docker), join the group docker, or use "
            "--engine native, which needs none.",
        ) from error


def _image(client: docker.DockerClient, name: str) -> Image:
    tag = tag_of(name)
    if not exists(client, tag):
        return Image(name, tag, "", 0)
    attributes = client.images.get(tag).attrs
    return Image(name, tag, attributes["Created"][:19], attributes["Size"] // 1_000_000)


def _base(client: docker.DockerClient, base: str, report: Callable[[str], None]) -> str:
    if base not in ("auto", "mmdebstrap"):
        return base
    if base == "auto":
        if exists(client, OWN_BASE):
            return OWN_BASE
        if exists(client, DEBIAN) or _pulled(client, report):
            return DEBIAN
    return _made_with_mmdebstrap(client, report)


def _pulled(client: docker.DockerClient, report: Callable[[str], None]) -> bool:
    report(f"pulling {DEBIAN}")
    try:
        client.images.pull(DEBIAN)
    except DockerException as error:
        report(f"no registry can be reached ({str(error).splitlines()[0][:100]})")
        return False
    return True


def _made_with_mmdebstrap(client: docker.DockerClient, report: Callable[[str], None]) -> str:
    if shutil.which("mmdebstrap") is None:
        raise LabError(
            "no base image can be had: no registry answers, and mmdebstrap is not installed",
            hint="apt-get install mmdebstrap, or name an image that is here: --base IMAGE",
        )
    report("making a base image from Debian's packages with mmdebstrap")
    command = ["mmdebstrap", "--quiet", "--variant=minbase"]
    command += [f"--include={','.join(BASE_PACKAGES)}", "bookworm", "-"]
    made = subprocess.run(command, capture_output=True, check=False)
    if made.returncode:
        said = made.stderr.decode(errors="replace")[-1500:]
        raise LabError("mmdebstrap could not make a base image", hint=said)
    repository, _, tag = OWN_BASE.partition(":")
    client.api.import_image_from_data(made.stdout, repository=repository, tag=tag)
    return OWN_BASE


def _context(folder: Path) -> io.BytesIO:
    """Pack the folder of a Dockerfile, with the programs of a node beside it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder, ".", filter=_plain)
        for name, source in _site():
            archive.add(source, f"site/{name}", filter=_plain)
    packed.seek(0)
    return packed


def _digest(context: io.BytesIO) -> str:
    return hashlib.sha256(context.getvalue()).hexdigest()[:16]


def _site() -> Iterator[tuple[str, Path]]:
    labctl = node_code.package("labctl")
    yield "labctl/__init__.py", labctl / "__init__.py"
    yield "labctl/node", labctl / "node"
    # setproctitle is a compiled module: the image has Debian's own.
    yield "dns", node_code.package("dns")


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Files as root's and without times, so that an unchanged tree is an unchanged layer."""
    if "__pycache__" in entry.name:
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = 0
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry
