"""Connect again and again without a word; tell what the mail system made of it as JSON.

Runs inside of a node: ``python3 idle_clients.py NUMBER``; needs nothing of ours.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import socket
import subprocess
import sys
import time

MAIN_CF = """\
compatibility_level = 3.6
maillog_file = /var/log/maillog
inet_protocols = ipv4
inet_interfaces = loopback-only
myhostname = mail.alpha.test
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
default_process_limit = 20
"""
PLACE = ("127.0.0.1", 25)
PATIENCE = 60.0


def connect(number: int) -> list[socket.socket]:
    """As many connections as there is room for."""
    clients: list[socket.socket] = []
    for _ in range(number):
        try:
            clients.append(socket.create_connection(PLACE, timeout=1.0))
        except OSError:
            break
    return clients


def count_greeted(clients: list[socket.socket], enough: int) -> int:
    """How many hear the banner; those that wait in the kernel's queue do not."""
    end, greeted = time.monotonic() + PATIENCE, 0
    with selectors.DefaultSelector() as waiting:
        for client in clients:
            waiting.register(client, selectors.EVENT_READ)
        while time.monotonic() < end and greeted < enough:
            for key, _events in waiting.select(1.0):
                waiting.unregister(key.fileobj)
                greeted += 1
    return greeted


def servers() -> list[int]:
    """The memory that each process of smtpd has for itself, in kB."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/status") as status:
                text = status.read()
        except OSError:
            continue
        if re.search(r"^Name:\s+smtpd$", text, re.M):
            found += [int(size) for size in re.findall(r"^RssAnon:\s+(\d+)", text, re.M)]
    return found


def main() -> None:
    """One flood, and one honest client after it."""
    with open("/etc/postfix/main.cf", "w") as file:
        file.write(MAIN_CF)
    subprocess.run(["postfix", "start"], check=True, stdout=subprocess.DEVNULL)
    clients = connect(int(sys.argv[1]))
    greeted = count_greeted(clients, 20)
    memory = servers()
    for client in clients:
        client.close()
    with socket.create_connection(PLACE, timeout=PATIENCE) as honest:
        banner = honest.recv(100).decode()
    told = {"connected": len(clients), "greeted": greeted, "memory": memory, "banner": banner}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
