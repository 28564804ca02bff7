"""postconf(1): show and edit main.cf and master.cf."""

from labctl.node.mta.commands.postconf.program import main

__all__ = ["main"]
