"""`labctl images`: the images that containers of the Docker engine are made from."""

from __future__ import annotations

from typing import Annotated

import typer

from labctl.cli.render import show_data, show_progress, table
from labctl.engine.docker import images
from labctl.shipped import shipped

command = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@command.command("build")
def build(
    name: Annotated[str, typer.Argument(help="Which image.")] = "node",
    base: Annotated[
        str, typer.Option(help="auto, mmdebstrap, or a Debian image to build on.")
    ] = "auto",
) -> None:
    """Build an image from the labctl that is installed here.

    auto pulls Debian's image where a registry can be reached; where not, mmdebstrap makes a
    base from Debian's packages, so that rooms without a registry can have labs too.
    """
    tag = images.build(shipped("images"), name, base, show_progress)
    show_progress(f"{tag} is ready")


@command.command("ls")
def ls() -> None:
    """List the images, built or not."""
    rows = [
        [
            one.name,
            one.tag,
            one.built or "not built",
            f"{one.megabytes} MB" if one.built else "",
        ]
        for one in images.images(shipped("images"))
    ]
    show_data(table(["IMAGE", "TAG", "BUILT", "SIZE"], rows))
