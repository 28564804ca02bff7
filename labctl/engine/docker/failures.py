"""What the Docker SDK raises, said as a user needs it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from docker.errors import APIError, DockerException
from requests.exceptions import RequestException

from labctl.errors import LabError

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
