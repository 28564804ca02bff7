"""dnspython is loaded before the first question, where questions have deadlines."""

import subprocess
import sys

PROGRAM = """
import sys
from labctl.node.base import programs
programs.warm("smtp")
before = set(sys.modules)
import dns.message
query = dns.message.make_query("example.test", "MX")
dns.message.from_wire(query.to_wire())
print(sorted(name for name in set(sys.modules) - before if name.startswith("dns")))
"""


def test_the_first_question_of_a_delivery_imports_nothing():
    """On a busy machine the import alone took longer than a name server has to answer."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
