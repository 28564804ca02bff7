#!/usr/bin/env python3
"""Acceptance oracle: run mail-lab scenarios against an image, record or compare.

  oracle.py record  --image IMG [--out expected] [--only PATTERN] [--set ...]
  oracle.py compare --image IMG [--only PATTERN]
                    [--level course|core|deep|all] [--json FILE] [--diff]
  oracle.py show    --image IMG --only PATTERN      run and print, compare nothing
  oracle.py list    counts of scenarios and recorded observations
  oracle.py clean   remove all containers and networks of the harness
"""
import argparse, base64, difflib, fcntl, fnmatch, glob, json, os, queue, re, sys, tempfile, threading, time
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "lib"))
import lab, norm                                              # noqa: E402

BASE = {
    "lab": """\
compatibility_level = 3.6
mail_name = Postfix
mail_version = 3.7.11
maillog_file = /var/log/maillog
myhostname = {host}
mydomain = {domain}
myorigin = $mydomain
mydestination = $mydomain, $myhostname, localhost.$mydomain, localhost
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
biff = no
smtpd_error_sleep_time = 0
""",
    "minimal": """\
compatibility_level = 3.6
mail_name = Postfix
mail_version = 3.7.11
maillog_file = /var/log/maillog
inet_protocols = ipv4
""",
    "none": "",
}
MASTER = """\
smtp      inet  n       -       n       -       -       smtpd
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
proxywrite unix -       -       n       -       1       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
local     unix  -       n       n       -       -       local
virtual   unix  -       n       n       -       -       virtual
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""
HOSTS = "127.0.0.1 localhost\n198.51.100.{ip} {host} {short}\n"
RESOLV = "nameserver 198.51.100.10\noptions timeout:1 attempts:1\n"
ZONE = """\
alpha.test MX 10 mail.alpha.test
mail.alpha.test A 198.51.100.11
198.51.100.11 PTR mail.alpha.test
beta.test MX 10 mail.beta.test
mail.beta.test A 198.51.100.12
198.51.100.12 PTR mail.beta.test
gamma.test MX 10 mail.gamma.test
mail.gamma.test A 198.51.100.13
198.51.100.13 PTR mail.gamma.test
outside.test MX 10 mx.outside.test
mx.outside.test A 198.51.100.21
client.outside.test A 198.51.100.20
198.51.100.20 PTR client.outside.test
forged.outside.test A 198.51.100.29
198.51.100.23 PTR forged.outside.test
spam.bad.test A 198.51.100.24
198.51.100.24 PTR spam.bad.test
bad.test MX 10 spam.bad.test
ws.alpha.test A 198.51.100.25
198.51.100.25 PTR ws.alpha.test
"""
ROOTISH = re.compile(r"^(\S[^=]*?)\s*=\s*(.*)$")


def parse_main(text):
    """[(name, raw text incl. continuation lines)] in order; comments are dropped."""
    out = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace() and out:
            out[-1][1] += "\n" + line
            continue
        m = ROOTISH.match(line)
        out.append([m.group(1) if m else line, line])
    return out


def merge_main(base, extra):
    d = {}
    for k, v in parse_main(base) + parse_main(extra):
        d.pop(k, None)
        d[k] = v
    return "".join(v + "\n" for v in d.values())


def merge_master(extra):
    """Scenario entries replace base entries of the same name and type."""
    def entries(t):
        out = []
        for line in t.splitlines():
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            if line[0].isspace() and out:
                out[-1][1] += "\n" + line
            else:
                w = line.split()
                out.append([(w[0], w[1] if len(w) > 1 else ""), line])
        return out
    d = {}
    for k, v in entries(MASTER) + entries(extra or ""):
        d[k] = v
    return "".join(v + "\n" for v in d.values())


def aslist(x):
    return x if isinstance(x, list) else [] if x is None else [x]


def recipient_order(part, k):
    """Reports about several recipients: their order is no promise, sort them."""
    blocks = re.split(r"\n\n+", part)
    if k == 1:
        mine = sorted(b for b in blocks if b.startswith("<"))
        return "\n\n".join(mine.pop(0) if b.startswith("<") else b for b in blocks)
    if k == 2:
        mine = sorted(b for b in blocks if b.startswith("Final-Recipient:"))
        return "\n\n".join(mine.pop(0) if b.startswith("Final-Recipient:") else b for b in blocks)
    return part


def queue_order(text):
    """mailq output: messages, and recipient groups within one, in a fixed order."""
    lines = text.rstrip("\n").split("\n")
    if len(lines) < 3 or not lines[0].startswith("-Queue ID-"):
        return text.rstrip("\n")
    entries = []
    for b in re.split(r"\n\n", "\n".join(lines[1:-1]).strip("\n")):
        ls = b.split("\n")
        groups = [[]]
        for l in ls[1:]:
            if re.match(r"\s*\(", l):
                groups.append([l])
            else:
                groups[-1].append(l)
        groups = [g[:1] + sorted(g[1:]) if re.match(r"\s*\(", g[0]) else sorted(g) for g in groups if g]
        entries.append("\n".join([ls[0]] + [l for g in sorted(groups) for l in g]))
    entries.sort(key=lambda e: re.sub(r"^\S+\s+\d+ .{20}", "", e))
    return "\n".join([lines[0], "\n\n".join(entries), "", lines[-1]])


class Runner:
    """One scenario on one slot."""

    def __init__(self, slot, sc):
        self.slot, self.sc = slot, sc
        self.obs = []
        self.ids = set()
        self.raw = []
        self.deadline = time.time() + sc.get("timeout", 75)
        self.waits_failed = 0
        self.notes = []

    # address translation between canonical and slot addresses
    def fwd(self, x):
        off = self.slot.off
        if isinstance(x, str):
            if off and ("198" in x):
                x = re.sub(r"(198\\?\.51\\?\.100\\?\.)(\d{1,2})(?!\d)(?!/2[0-6])",
                           lambda m: m.group(1) + str(int(m.group(2)) + off) if int(m.group(2)) < 32 else m.group(0), x)
                x = re.sub(r"(?<![\d.])(\d{1,2})(?=\.100\.51\.198)",
                           lambda m: str(int(m.group(1)) + off) if int(m.group(1)) < 32 else m.group(0), x)
            return x
        if isinstance(x, list):
            return [self.fwd(v) for v in x]
        if isinstance(x, dict):
            return {self.fwd(k): self.fwd(v) for k, v in x.items()}
        return x

    def back(self, x):
        off = self.slot.off
        if off and "198" in x:
            def f(m):
                n = int(m.group(2)) - off
                return m.group(1) + str(n) if 0 <= n < 32 else m.group(0)
            x = re.sub(r"(198\\?\.51\\?\.100\\?\.)(\d{1,2})(?!\d)(?!/2[0-6])", f, x)
            x = re.sub(r"(?<![\d.])(\d{1,2})(?=\.100\.51\.198)",
                       lambda m: str(int(m.group(1)) - off) if 0 <= int(m.group(1)) - off < 32 else m.group(0), x)
        return x

    def left(self, want):
        l = self.deadline - time.time()
        if l <= 0.5:
            raise TimeoutError
        return max(0.5, min(want, l))

    def agent(self, node):
        return self.slot.node(node)

    def add(self, name, text):
        if isinstance(text, (list, tuple)):
            text = "\n".join(text)
        norm.collect(text, self.ids)
        self.raw.append([name, text])

    # ------------------------------------------------------------ setup
    def zone(self, text):
        rec = []
        for line in (ZONE + (text or "")).splitlines():
            line = line.split("#")[0].strip()
            if not line:
                continue
            w = line.split(None, 2)
            name, typ, val = w[0], w[1], w[2] if len(w) > 2 else ""
            if typ == "PTR" and re.fullmatch(r"[\d.]+", name):
                name = ".".join(reversed(name.split("."))) + ".in-addr.arpa"
            if typ == "TXT":
                val = val.strip('"')
            if typ == "CLEAR":
                rec = [r for r in rec if r[0] != name]
                continue
            rec.append([name, typ, val])
        return self.fwd(rec)

    def setup(self):
        sc = self.sc
        aux = self.agent("aux")
        aux.call("sinks_off")
        aux.call("dns", records=self.zone(sc.get("dns")))
        nodes = sc.get("nodes") or {"a": {}}
        for n in list(self.slot.agents):
            if n not in nodes and n != "aux" and n in self.slot_dirty():
                self.agent(n).call("reset", limit=20)
        self.slot.dirty = set(nodes)
        for n, conf in nodes.items():
            self.setup_node(n, conf or {})

    def slot_dirty(self):
        return getattr(self.slot, "dirty", set())

    def setup_node(self, n, c):
        host, ip = lab.NODES[n]
        domain = host.split(".", 1)[1]
        base = BASE[c.get("base", "lab")].format(host=host, domain=domain)
        main = c["main_raw"] if "main_raw" in c else merge_main(base, c.get("main", ""))
        master = c["master_raw"] if "master_raw" in c else merge_master(c.get("master"))
        files = [{"path": "/etc/postfix/main.cf", "content": main},
                 {"path": "/etc/postfix/master.cf", "content": master}]
        cmds = []
        if c.get("base", "lab") == "lab" or "aliases" in c:
            files.append({"path": "/etc/aliases", "content": c.get("aliases", "postmaster: root\n")})
            if not c.get("no_newaliases"):
                cmds.append("newaliases")
        for name, text in (c.get("maps") or {}).items():
            p = name if name.startswith("/") else "/etc/postfix/" + name
            files.append({"path": p, "content": text})
            cmds.append("postmap hash:" + p)
        for name, text in (c.get("tables") or {}).items():
            files.append({"path": name if name.startswith("/") else "/etc/postfix/" + name, "content": text})
        for p, v in (c.get("files") or {}).items():
            if isinstance(v, str):
                v = {"content": v}
            v = dict(v)
            v.setdefault("content", "")
            files.append(dict(v, path=p))
        cmds += aslist(c.get("setup"))
        rep = self.agent(n).call(
            "setup", limit=self.left(40),
            hosts=self.fwd(c.get("hosts", HOSTS.format(ip=ip, host=host, short=host.split(".")[0]))),
            resolv=self.fwd(c.get("resolv", RESOLV)), users=c.get("users", []),
            files=self.fwd(files), cmds=self.fwd(cmds), start=c.get("start", True),
            ports=c.get("ports", [25]), listen_timeout=2 if self.waits_failed else 6)
        if c.get("start", True) and not rep.get("listening"):
            self.waits_failed += 1
        if rep.get("log"):
            self.notes.append(["setup " + n, json.dumps(rep["log"], indent=1)])
        if rep.get("start", {}).get("rc") not in (0, None) or (rep.get("start") or {}).get("err"):
            self.notes.append(["start " + n, json.dumps(rep["start"])])

    # ------------------------------------------------------------ steps
    def run(self):
        try:
            self.setup()
            for i, st in enumerate(self.sc["steps"]):
                st = self.fwd(st)
                kind = next(iter(st))
                arg = st[kind]
                try:
                    getattr(self, "st_" + kind)("%02d %s" % (i + 1, st.get("as", kind)), arg)
                except lab.AgentFail as e:
                    self.add("%02d %s" % (i + 1, kind), "(agent: %s)" % e)
        except TimeoutError:
            self.notes.append(["timeout", "scenario ran out of time"])
        except lab.LabError as e:
            self.notes.append(["lab", str(e)])
            for n in list(self.slot.agents):
                if n != "aux" and n in (self.sc.get("nodes") or {"a": 0}):
                    self.slot.drop(n)
        seen = {}
        for name, text in self.raw:
            name = self.back(name)
            k = seen[name] = seen.get(name, 0) + 1
            if k > 1:
                name = "%s #%d" % (name, k)
            self.obs.append([name, norm.normalise(self.back(text), self.ids)])
        return self.obs

    def host(self, to):
        return self.slot.addr(lab.NODES[to][1]) if to in lab.NODES else to

    def session(self, nm, a, lines):
        node = a.get("node", "aux")
        src = a.get("src")
        if node == "aux" and src is None:
            src = self.slot.addr(20)
        rep = self.agent(node).call(
            "smtp", limit=self.left(a.get("total", 35)) + 10, host=self.host(a.get("to", "a")),
            port=a.get("port", 25), src=src, lines=lines, session=a.get("session"),
            timeout=a.get("timeout", 8), total=self.left(a.get("total", 35)), nobanner=a.get("nobanner", False))
        flow = []
        out = []
        for cmd, reply in rep["res"]:
            code = reply[-1][:3] if reply and re.match(r"\d", reply[-1]) else reply[-1]
            flow.append("%s -> %s" % (cmd, code))
            full = "\n".join([cmd] + ["  " + r for r in reply])
            verb = cmd.split(" ")[0].split(":")[0].upper()
            trivial = verb in ("(CONNECT)", "EHLO", "HELO", "QUIT", "MAIL", "RSET", "NOOP", "DATA") and \
                code in ("220", "250", "221", "354")
            if a.get("full") or not trivial:
                out.append([cmd, full])
        return flow, out

    def st_smtp(self, nm, a):
        if isinstance(a, str):
            a = {"lines": a}
        lines = a["lines"].split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        flow, out = self.session(nm, a, lines)
        if a.get("quiet"):
            norm.collect("\n".join(x[1] for x in out), self.ids)
            return
        if not a.get("full") and len(flow) > len(out):
            self.add(nm + " flow", flow)
        for cmd, t in out:
            self.add("%s %s" % (nm, cmd), t)

    def st_send(self, nm, a):
        to = aslist(a.get("rcpt", a.get("to")))
        frm = a.get("from", "joe@outside.test")
        subj = str(a.get("subject", "test"))
        hd = a.get("headers")
        if hd is None:
            hd = "From: %s\nTo: %s\nSubject: %s\nDate: Mon, 5 Mar 2001 10:00:00 +0000\nMessage-Id: <%s@outside.test>" % (
                frm or "daemon@outside.test", to[0], subj, re.sub(r"\W+", "-", subj))
        body = a.get("body", "Hello.\n")
        lines = ["EHLO " + a.get("helo", "client.outside.test"),
                 "MAIL FROM:<%s>%s" % (frm, " " + a["mailargs"] if a.get("mailargs") else "")]
        lines += ["RCPT TO:<%s>%s" % (t, " " + a["rcptargs"] if a.get("rcptargs") else "") for t in to]
        lines += ["DATA"] + hd.rstrip("\n").split("\n") + [""]
        lines += [("." + l if l.startswith(".") else l) for l in body.rstrip("\n").split("\n")] + [".", "QUIT"]
        s = dict(a)
        s.pop("to", None)
        s["to"] = a.get("via", "a")
        flow, out = self.session(nm, s, lines)
        for _, t in out:
            norm.collect(t, self.ids)
        if a.get("quiet"):
            return
        bad = [t for c, t in out if not re.search(r"\n  2", t)]
        if bad:
            self.add(nm + " flow", flow)
        for cmd, t in out:
            if t in bad:
                self.add("%s %s" % (nm, cmd), t)

    def st_sh(self, nm, a):
        if isinstance(a, str):
            a = {"run": a}
        rep = self.agent(a.get("node", "a")).call(
            "sh", limit=20, timeout=self.left(a.get("timeout", 15)), cmd=a["run"], stdin=a.get("stdin"),
            user=a.get("user"), cwd=a.get("cwd", "/"), env=a.get("env"))
        if a.get("quiet") or (rep["rc"] == 0 and not rep["out"] and not rep["err"] and
                              re.search(r"\| *(sendmail|mail)\b", a["run"])):
            # a submission that says nothing is seen in what it delivers
            norm.collect(rep["out"] + "\n" + rep["err"], self.ids)
            if rep["rc"] != 0:
                self.notes.append([nm, "rc=%s %s %s" % (rep["rc"], rep["out"], rep["err"])])
            return
        out = rep["out"]
        if a.get("sort"):
            out = "\n".join(sorted(out.splitlines()))
        t = ["$ " + a["run"].rstrip("\n"), out.rstrip("\n")]
        if rep["err"]:
            err = rep["err"].rstrip("\n")
            unused = sorted(x for x in err.split("\n") if "unused parameter" in x)
            err = "\n".join(unused.pop(0) if "unused parameter" in x else x for x in err.split("\n"))
            if a.get("sort"):
                err = "\n".join(sorted(err.splitlines()))
            t += ["stderr:", err]
        t.append("exit %s" % rep["rc"])
        self.add(nm + " " + a.get("name", a["run"].split("\n")[0][:60]), t)

    def st_idle(self, nm, a):
        count = None
        if isinstance(a, dict):
            count, a = a.get("count"), a["node"]
        for n in aslist(a):
            self.wait_call(n, 15, idle=True, count=count)

    def wait_call(self, node, secs, **kw):
        if self.waits_failed:
            secs = min(secs, 1)
        secs = self.left(secs)
        rep = self.agent(node).call("wait", limit=secs + 10, timeout=secs, **kw)
        if not rep["ok"]:
            self.waits_failed += 1
            self.notes.append(["wait", "%s: %s not reached" % (node, kw)])
        return rep["ok"]

    def st_wait(self, nm, a):
        if isinstance(a, str):
            a = {"run": a}
        kw = {"log": a["log"], "times": a.get("times", 1)} if "log" in a else {"cmd": a["run"]}
        ok = self.wait_call(a.get("node", "a"), a.get("timeout", 10), **kw)
        if a.get("obs"):
            self.add(nm, "reached" if ok else "not reached")

    def st_sleep(self, nm, a):
        time.sleep(self.left(float(a)))

    def read(self, node, path, settle=None):
        rep = self.agent(node).call("read", path=path, settle=settle)
        if "b64" in rep:
            return base64.b64decode(rep["b64"]).decode("utf-8", "backslashreplace")
        return None

    def st_cat(self, nm, a):
        if not isinstance(a, dict):
            a = {"path": a}
        for p in aslist(a["path"]):
            t = self.read(a.get("node", "a"), p)
            if t is not None and a.get("sort"):
                t = "\n".join(sorted(t.splitlines()))
            self.add("%s %s" % (nm, p), "(no such file)" if t is None else t)

    def msgkey(self, text):
        """Parallel deliveries arrive in any order: a fixed order by content."""
        norm.collect(text, self.ids)
        head = text.replace("\r\n", "\n").partition("\n\n")[0]
        m = re.search(r"^Subject:.*", head, re.M)
        return [m.group(0) if m else "", re.findall(r"^(?:X-Original-To|Delivered-To):.*", head, re.M),
                norm.normalise(self.back(text), self.ids)]

    def message(self, nm, text, a):
        text = text.replace("\r\n", "\n") if a.get("crlf") is False else text
        head, sep, body = text.partition("\n\n")
        self.add(nm + " head", head)
        m = re.search(r'^Content-Type: multipart/report;.*?boundary="([^"]+)"', head, re.S | re.M)
        if m and not a.get("whole"):
            for k, part in enumerate(body.split("--" + m.group(1))):
                if part.strip() not in ("", "--"):
                    self.add("%s part%d" % (nm, k), recipient_order(part.strip("\n"), k))
        elif not a.get("headonly"):
            self.add(nm + " body", body if sep else "(none)")

    def st_mbox(self, nm, a):
        if not isinstance(a, dict):
            a = {"path": a}
        for p in aslist(a["path"]):
            if not p.startswith("/"):
                p = "/var/mail/" + p
            t = self.read(a.get("node", "a"), p)
            pn = "%s %s" % (nm, p)
            if t is None:
                self.add(pn, "(no mailbox)")
                continue
            if a.get("raw"):
                self.add(pn, t)
                continue
            msgs = re.split(r"(?:\A|(?<=\n\n))(?=From )", t)
            msgs = [m for m in msgs if m]
            if not a.get("ordered"):
                msgs.sort(key=self.msgkey)
            self.add(pn + " count", "%d messages" % len(msgs))
            if a.get("countonly"):
                continue
            for k, m in enumerate(msgs):
                self.message("%s[%d]" % (pn, k), m, a)

    def st_maildir(self, nm, a):
        if isinstance(a, str):
            a = {"path": a}
        rep = self.agent(a.get("node", "a")).call("tree", path=a["path"])
        pn = "%s %s" % (nm, a["path"])
        tree = [base64.b64decode(t[1]).decode("utf-8", "backslashreplace") for t in rep["tree"] if t[1] is not None]
        tree.sort(key=self.msgkey)
        shape = sorted("%s %s" % (t[2], re.sub(r"[^/]*$", "", t[0]) + (
            re.sub(r"^\d{10}\.V[0-9a-f]+I[0-9a-f]+M\d+\.", "<MAILDIRID>.", os.path.basename(t[0]))
            if t[1] is not None else "")) for t in rep["tree"])
        self.add(pn + " tree", shape or "(no directory)")
        if a.get("treeonly"):
            return
        k = 0
        for d in tree:
            self.message("%s[%d]" % (pn, k), d, a)
            k += 1

    def st_log(self, nm, a):
        if isinstance(a, str):
            a = {"match": a}
        node = a.get("node", "a")
        if a.get("until"):
            self.wait_call(node, a.get("timeout", 6), log=a["until"], times=a.get("times", 1))
        t = self.read(node, a.get("path", "/var/log/maillog"), settle=0.08) or ""
        groups = {}
        for line in t.splitlines():
            m = re.match(r"\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ ([^\s\[]+)\[\d+\]: ", line)
            tag = m.group(1) if m else "?"
            if a.get("prog") and not re.fullmatch(a["prog"], tag):
                continue
            if not a.get("prog") and re.search(r"/(anvil|scache)\[", line):
                continue
            if re.search(r"file system clock|resetting file time stamps", line):
                continue
            if a.get("match") and not re.search(a["match"], line):
                continue
            if a.get("exclude") and re.search(a["exclude"], line):
                continue
            norm.collect(line, self.ids)
            groups.setdefault(tag, []).append(line)
        out = []
        for tag in sorted(groups):
            out += groups[tag]
        if not a.get("ordered"):
            # the order of lines about different messages is no promise;
            # sort after normalisation: identifiers must not decide the order
            out.sort(key=lambda l: norm.normalise(self.back(l), self.ids))
        if a.get("uniq"):
            # how often a warning repeats depends on internal caching
            seen, out2 = set(), []
            for line in out:
                k = norm.normalise(self.back(line), self.ids)
                if k not in seen:
                    seen.add(k)
                    out2.append(line)
            out = out2
        self.add(nm + " " + a.get("name", a.get("match", a.get("prog", "")))[:50], out or ["(no such lines)"])

    def st_queue(self, nm, a):
        node = a if isinstance(a, str) else a.get("node", "a")
        rep = self.agent(node).call("sh", cmd="mailq", limit=15, timeout=self.left(10))
        t = rep["out"]
        norm.collect(t, self.ids)
        self.add(nm + " mailq " + node, queue_order(t) + "\nexit %s" % rep["rc"])

    def st_queuej(self, nm, a):
        node = a if isinstance(a, str) else a.get("node", "a")
        rep = self.agent(node).call("sh", cmd="postqueue -j", limit=15, timeout=self.left(10))
        out = []
        for line in rep["out"].splitlines():
            try:
                d = json.loads(line)
                norm.collect('"queue_id": "%s"' % d.get("queue_id", ""), self.ids)
                d["arrival_time"] = "<EPOCH>"
                d["message_size"] = "<SIZE>"
                if isinstance(d.get("recipients"), list):
                    d["recipients"].sort(key=lambda r: r.get("address", ""))
                out.append(json.dumps(d, indent=1))
            except ValueError:
                out.append("not JSON: " + line)
        self.add(nm + " postqueue -j " + node, sorted(out, key=lambda l: re.sub(r'"queue_id".*', "", l)) or ["(empty)"])

    def st_stat(self, nm, a):
        if not isinstance(a, dict):
            a = {"paths": aslist(a)}
        rep = self.agent(a.get("node", "a")).call("stat", paths=a["paths"])
        for p, t in rep["stat"]:
            self.add("%s %s" % (nm, p), "%s: %s" % (p, t))

    def st_sink(self, nm, a):
        self.agent("aux").call("sink", spec=a)

    def st_sunk(self, nm, a):
        if isinstance(a, str):
            a = {"addr": a}
        if a.get("wait"):
            end = time.time() + self.left(2 if self.waits_failed else 10)
            while time.time() < end:
                rep = self.agent("aux").call("sunk", addr=a["addr"], port=a.get("port", 25))
                if sum(len(g["msgs"]) for g in rep["got"] or []) >= a["wait"]:
                    break
                time.sleep(0.05)
            else:
                self.waits_failed += 1
        rep = self.agent("aux").call("sunk", addr=a["addr"], port=a.get("port", 25))
        got = [g for g in rep["got"] or [] if g["cmds"] and g["cmds"] != ["(eof)"]]
        for g in got:
            # the farewell may come after the delivery is already over
            while g["cmds"] and g["cmds"][-1] in ("QUIT", "(eof)"):
                g["cmds"].pop()
        if not a.get("ordered"):
            got.sort(key=lambda g: [[c for c in g["cmds"] if re.match(r"RCPT|MAIL|EHLO|LHLO|HELO", c, re.I)],
                                    [self.msgkey(base64.b64decode(m).decode("utf-8", "backslashreplace"))
                                     for m in g["msgs"]]])
        self.add(nm + " connections", "%d" % len(got))
        for k, g in enumerate(got):
            self.add("%s[%d] commands" % (nm, k), ["from " + g["peer"]] + g["cmds"])
            for j, m in enumerate(g["msgs"]):
                t = base64.b64decode(m).decode("utf-8", "backslashreplace")
                if "\r\n" in t:
                    bare = len(re.findall(r"(?<!\r)\n", t))
                    t = t.replace("\r\n", "\n") + ("(%d bare LF)\n" % bare if bare else "")
                self.message("%s[%d] message%d" % (nm, k, j), t, a)

    def st_dns(self, nm, a):
        self.agent("aux").call("dns", records=self.zone(a))

    def st_dnslog(self, nm, a):
        rep = self.agent("aux").call("dnslog")
        rx = a if isinstance(a, str) else a["match"]
        l = [x for x in rep["log"] if re.search(rx, x)]
        if isinstance(a, dict) and a.get("uniq"):
            l = sorted(set(l))
        self.add(nm + " " + rx, l or ["(none)"])

    def st_write(self, nm, a):
        f = dict(a)
        node = f.pop("node", "a")
        self.agent(node).call("write", files=[f])


# ---------------------------------------------------------------- scenarios

def load(only=None, which="all", level="all"):
    out = []
    root = os.path.join(HERE, "scenarios")
    for p in sorted(glob.glob(os.path.join(root, "*", "*", "*.yaml"))):
        rel = os.path.relpath(p, root)[:-5]
        setname, group, name = rel.split(os.sep)
        if which != "all" and setname != which:
            continue
        if only and not any(fnmatch.fnmatch(rel, o) or o in rel for o in only):
            continue
        try:
            with open(p, encoding="utf-8") as f:
                sc = yaml.safe_load(f)
        except yaml.YAMLError as e:
            sys.exit("%s: %s" % (rel, e))
        sc["id"] = rel
        if sc.get("set") != setname or sc.get("level") not in ("course", "core", "deep"):
            sys.exit("%s: set/level missing or wrong" % rel)
        if level != "all" and sc["level"] != level:
            continue
        out.append(sc)
    out.sort(key=lambda s: (-s.get("slow", 0), s["id"]))
    return out


def run_all(scs, image, aux, jobs, keep, report):
    q = queue.Queue()
    for s in scs:
        q.put(s)
    jobs = max(1, min(jobs, lab.MAXSLOTS, len(scs)))
    errors = []

    def work(num):
        slot = lab.Slot(num, image, aux, keep)
        try:
            slot.start()
            while True:
                try:
                    sc = q.get_nowait()
                except queue.Empty:
                    return
                t = time.time()
                r = Runner(slot, sc)
                try:
                    obs = r.run()
                except Exception as e:                       # a harness defect: report, go on
                    obs = r.obs or [[a, norm.normalise(b, r.ids)] for a, b in r.raw]
                    r.notes.append(["harness", "%s: %s" % (type(e).__name__, e)])
                    import traceback
                    r.notes.append(["trace", traceback.format_exc()])
                report(sc, obs, r.notes, time.time() - t)
        except Exception as e:
            errors.append("slot %d: %s: %s" % (num, type(e).__name__, e))
        finally:
            try:
                slot.stop()
            except Exception as e:
                errors.append("slot %d stop: %s" % (num, e))
    ts = [threading.Thread(target=work, args=(i,)) for i in range(jobs)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    for e in errors:
        print("harness error:", e, file=sys.stderr)
    left = []
    while not q.empty():
        left.append(q.get())
    return left


def dump_obs(sc, obs):
    return json.dumps({"id": sc["id"], "observations": [{"name": n, "text": t.split("\n")} for n, t in obs]},
                      indent=1, ensure_ascii=False) + "\n"


def load_expected(d, sid):
    try:
        with open(os.path.join(d, sid + ".json"), encoding="utf-8") as f:
            return [[o["name"], "\n".join(o["text"])] for o in json.load(f)["observations"]]
    except OSError:
        return None


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("mode", choices=["record", "compare", "show", "list", "clean"])
    ap.add_argument("--image")
    ap.add_argument("--aux-image", default=lab.PREFIX + "aux")
    ap.add_argument("--out", "--expected", dest="out", default=os.path.join(HERE, "expected"))
    ap.add_argument("--only", action="append")
    ap.add_argument("--set", dest="which", choices=["public", "all"], default="all")
    ap.add_argument("--level", choices=["course", "core", "deep", "all"], default="all")
    ap.add_argument("--json")
    ap.add_argument("--diff", "-d", action="store_true")
    ap.add_argument("--notes", action="store_true", help="print harness notes (failed waits, setup output)")
    ap.add_argument("--jobs", "-j", type=int, default=lab.MAXSLOTS)
    ap.add_argument("--keep", action="store_true", help="leave the containers running for the next call")
    a = ap.parse_args()
    if a.mode == "clean":
        for s in range(lab.MAXSLOTS):
            sl = lab.Slot(s, "", "")
            sl.stop()
        return 0
    scs = load(a.only, a.which, a.level)
    if a.mode == "list":
        tab = {}
        for s in scs:
            e = load_expected(a.out, s["id"]) or []
            for k in ((s["set"], s["level"]), (s["set"], "all"), ("all", s["level"]), ("all", "all")):
                c = tab.setdefault(k, [0, 0])
                c[0] += 1
                c[1] += len(e)
        for k in sorted(tab):
            print("%-7s %-7s %4d scenarios %5d observations" % (k + tuple(tab[k])))
        return 0
    if not a.image or not scs:
        sys.exit("need --image and at least one scenario")
    lock = open(os.path.join(tempfile.gettempdir(), lab.PREFIX + "oracle.lock"), "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    pl = threading.Lock()
    tot = {"n": 0, "ok": 0}
    by = {}
    result = []
    t0 = time.time()

    def notes(ns):
        for n, t in ns:
            print("    note [%s] %s" % (n, t.replace("\n", "\n      ")))

    def rec(sc, obs, ns, secs):
        with pl:
            p = os.path.join(a.out, sc["id"] + ".json")
            os.makedirs(os.path.dirname(p), exist_ok=True)
            with open(p, "w", encoding="utf-8") as f:
                f.write(dump_obs(sc, obs))
            tot["n"] += len(obs)
            print("recorded %3d observations %5.1fs  %s" % (len(obs), secs, sc["id"]))
            notes(ns)
            sys.stdout.flush()

    def show(sc, obs, ns, secs):
        with pl:
            print("=" * 20, sc["id"], "%.1fs" % secs)
            for n, t in obs:
                print("--- " + n)
                print("    " + t.replace("\n", "\n    "))
            notes(ns)
            sys.stdout.flush()

    def cmp(sc, obs, ns, secs):
        exp = load_expected(a.out, sc["id"])
        if exp is None:
            with pl:
                print("SKIP (not recorded) %s" % sc["id"])
            return
        got = dict((n, t) for n, t in obs)
        bad = []
        for n, t in exp:
            g = got.get(n)
            if g != t:
                bad.append((n, t, g))
        with pl:
            tot["n"] += len(exp)
            tot["ok"] += len(exp) - len(bad)
            for k in (("set", sc["set"]), ("level", sc["level"]), ("group", sc["id"].split("/")[1])):
                c = by.setdefault(k, [0, 0])
                c[0] += len(exp) - len(bad)
                c[1] += len(exp)
            print("%s %3d/%-3d %5.1fs  %s  [%s]" % ("FAIL" if bad else "PASS", len(exp) - len(bad), len(exp), secs,
                                               sc["id"], sc["level"]))
            if a.diff:
                for n, t, g in bad:
                    print("  observation: " + n)
                    for l in difflib.unified_diff(t.split("\n"), (g if g is not None else "(missing)").split("\n"),
                                                  "expected", "actual", lineterm="", n=2):
                        print("    " + l)
            if a.notes or (a.diff and bad):
                notes(ns)
            sys.stdout.flush()
            result.append({"id": sc["id"], "set": sc["set"], "level": sc["level"], "seconds": round(secs, 2),
                           "equal": len(exp) - len(bad), "total": len(exp),
                           "failed": [{"name": n, "expected": t, "actual": g} for n, t, g in bad], "notes": ns})

    left = run_all(scs, a.image, a.aux_image, a.jobs, a.keep,
                   {"record": rec, "show": show, "compare": cmp}[a.mode])
    secs = time.time() - t0
    if a.mode == "record":
        print("%d observations of %d scenarios recorded in %.0f s" % (tot["n"], len(scs) - len(left), secs))
        return 1 if left else 0
    if a.mode == "show":
        return 0
    for sc in left:                       # never ran: all its observations differ
        exp = load_expected(a.out, sc["id"]) or []
        tot["n"] += len(exp)
        print("FAIL   0/%-3d   not run  %s" % (len(exp), sc["id"]))
        result.append({"id": sc["id"], "set": sc["set"], "level": sc["level"], "equal": 0, "total": len(exp),
                       "failed": [], "notes": [["harness", "not run"]]})
    for k in sorted(by):
        print("%-6s %-12s %d/%d (%.1f %%)" % (k[0], k[1], by[k][0], by[k][1], 100.0 * by[k][0] / max(1, by[k][1])))
    full = sum(1 for r in result if r["equal"] == r["total"])
    if a.json:
        with open(a.json, "w", encoding="utf-8") as f:
            json.dump({"image": a.image, "seconds": round(secs, 1), "equal": tot["ok"], "total": tot["n"],
                       "scenarios_passed": full, "scenarios": len(result),
                       "by": {"/".join(k): v for k, v in by.items()},
                       "results": sorted(result, key=lambda r: r["id"])}, f, indent=1, ensure_ascii=False)
    print("%d/%d scenarios entirely equal, %.0f s" % (full, len(result), secs))
    print("%d/%d observations equal (%.1f %%)" % (tot["ok"], tot["n"], 100.0 * tot["ok"] / max(1, tot["n"])))
    return 0 if tot["ok"] == tot["n"] and tot["n"] else 1


if __name__ == "__main__":
    sys.exit(main())
