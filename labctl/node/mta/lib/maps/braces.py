"""The `{...}` that pipemap, unionmap and randmap list their members in."""

from __future__ import annotations

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import split_words
from labctl.node.mta.lib.maps.table import Request


def members(request: Request, form: str) -> list[str]:
    """Return what stands between the braces; nothing there is an error."""
    text = request.name
    words = split_words(text[1:-1]) if text.startswith("{") and text.endswith("}") else []
    if not words:
        raise Fatal(bad_syntax(request, form))
    return words


def bad_syntax(request: Request, form: str) -> str:
    """Say what was wanted."""
    return f'bad syntax: "{request.table}"; need "{request.type}:{{{form}}}"'
