"""What the Docker SDK raises, said as a user needs it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

from docker.errors import APIError, DockerException
from requests.exceptions import RequestException

from labctl.engine.subnets import SubnetTaken
from labctl.errors import LabError

OVERLAPS: Final = "overlaps"  # what Docker says of a subnet that a network has already
GONE_HINT = """\
Is it still running (docker info)? Nothing is lost: when it is back, labctl up goes on where
it stopped, and labctl down removes what was made."""


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn a failure of the engine during ``what`` into a ``LabError``."""
    try:
        yield
    except APIError as error:
        said = error.explanation or str(error)
        raise LabError(
            f"Docker refused to {what}: {said}",
            hint="labctl down removes what was made. A name, an address or a subnet may be "
            "taken: docker ps -a; docker network ls",
        ) from error
    except (DockerException, RequestException, ConnectionError) as error:
        raise LabError(
            f"the Docker engine stopped answering: could not {what}", hint=GONE_HINT
        ) from error


@contextlib.contextmanager
def subnet_is_free(network: str, subnet: str) -> Iterator[None]:
    """Two labs may have looked for a free subnet at the same moment: the second is told."""
    try:
        yield
    except APIError as error:
        if OVERLAPS not in str(error):
            raise
        raise SubnetTaken(
            f"network {network}: its subnet {subnet} was taken by another network just now",
            hint="labctl up takes another one, unless the topology names this one.",
        ) from error
