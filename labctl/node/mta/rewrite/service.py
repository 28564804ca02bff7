"""trivial-rewrite(8): answers to ``lib.rewrite.RewriteClient``.

PROTOCOL
    request=rewrite rule=local|remote address=A      -> flags=0 address=A'
    request=resolve|verify sender=S address=R        -> flags transport nexthop recipient
"""

from __future__ import annotations

from collections.abc import Mapping

from labctl.node.mta.lib.daemon.server import ServiceContext, serve_many
from labctl.node.mta.rewrite.resolve import MAIL, VERIFY, Resolver
from labctl.node.mta.rewrite.standard import local_rules, remote_rules, standard_form


def serve(context: ServiceContext) -> None:
    """Answer until nobody asks any more."""
    resolver = Resolver(context.config, context.log)
    rules = {"local": local_rules(context.config), "remote": remote_rules(context.config)}
    names = {"resolve": MAIL, "verify": VERIFY}

    def answer(request: Mapping[str, str]) -> Mapping[str, str]:
        verb = request.get("request", "")
        if verb == "rewrite":
            form = standard_form(request["address"], rules[request["rule"]])
            return {"flags": "0", "address": form}
        if verb not in names:
            context.log.warning(f"bad request: {verb!r}")
            return {}
        resolved = resolver.resolve(request["sender"], request["address"], names[verb])
        return {
            "flags": str(int(resolved.flags)),
            "transport": resolved.transport,
            "nexthop": resolved.nexthop,
            "recipient": resolved.recipient,
        }

    serve_many(context, answer)
