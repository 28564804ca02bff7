#!/usr/bin/env python3
"""UW-IMAP oracle: play recorded POP3/IMAP/inetd scenarios against a node image.

  oracle.py record  --image IMG [--only P] [--set S]      write expected/*.yaml
  oracle.py compare --image IMG [--only P]
                    [--level course|core|deep] [--diff] [--json FILE]
  oracle.py list    [--only P] [--set S]                  names, levels, counts
  oracle.py show    --only P                              recorded outcome
"""
import argparse, base64, difflib, fnmatch, json, os, queue, re, signal, sys, threading, time, traceback
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from harness import lab, corpus                                        # noqa: E402

CONN = re.compile(r"^[PI][0-9a-z]?$")
LISTLIKE = ("LIST", "RLIST", "SCAN", "FIND")


def latin(s):
    """Scenario text to bytes: \\xNN and \\t understood, else UTF-8."""
    b = s.encode("utf-8")
    return re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m.group(1), 16)]), b)


class Abort(Exception):
    pass


class Play:
    def __init__(self, node, scen):
        self.node, self.sc = node, scen
        self.obs, self.conns, self.saved = [], {}, {}
        self.t0 = time.time()
        self.norm = lab.Norm(self.t0, node)
        self.end = self.t0 + scen.get("timeout", 90)
        self.want = None                 # expected observations when comparing

    # -- helpers
    def put_obs(self, label, lines):
        self.obs.append({"step": label, "out": lines})

    def text(self, chunks, listlike=False):
        if listlike:                       # the order of a directory is no matter
            chunks = list(chunks)
            idx = [i for i, l in enumerate(chunks) if re.match(rb"\* (LIST|MAILBOX|SCAN) ", l)]
            for i, l in zip(idx, sorted(chunks[i] for i in idx)):
                chunks[i] = l
        out = []
        for c in chunks:
            out += [self.norm.text(l) for l in lab.show(c)]
        return out

    def conn(self, name, open_ok=True):
        c = self.conns.get(name)
        if c is None and open_ok:
            c = self.open(name)
            c.greet()
        return c

    def open(self, name, **kw):
        old = self.conns.get(name)
        if old:                            # the old process goes first
            old.shut()
            if old.rport != lab.PIPE_PORT and hasattr(old, "lport"):
                self.node.do("gone", lport=old.rport, rport=old.lport, wait=4)
        proto = "pop3" if name[0] == "P" else "imap"
        c = lab.Conn(self.node, proto, timeout=self.sc.get("step_timeout", 10), **kw)
        self.conns[name] = c
        return c

    def fixture(self, spec):
        return corpus.fixture(spec)

    def place(self, where, spec):
        opt = {}
        if isinstance(spec, dict) and not isinstance(spec, list):
            opt = {k: v for k, v in spec.items() if k != "mbox"}
            spec = spec.get("mbox", "")
        data = self.fixture(spec)
        if where in lab.USERS:
            path, owner, mode = "/var/mail/" + where, where + ":mail", "0660"
        elif where.startswith("~"):
            u = where[1:].split("/")[0]
            path, owner, mode = where, u, "0600"
        else:
            path, owner, mode = where, "root", "0644"
        a = self.node.put(path, data, owner=opt.get("owner", owner), mode=str(opt.get("mode", mode)),
                          **({"mtime": opt["mtime"], "atime": opt.get("atime", opt["mtime"])} if "mtime" in opt else {}))
        if "error" in a:
            raise Abort("put %s: %s" % (where, a["error"]))

    def start_super(self, spec, strict=True):
        n = self.node
        if spec is None:
            spec = "inetd"
        if spec == "none":
            return
        if spec == "inetd":
            if n.via == "agent":
                return
            spec = {"inetd": lab.INETD, "ports": [110, 143]}
        if "inetd" in spec:
            n.put("/etc/inetd.conf", spec["inetd"])
            a = n.do("sh", cmd=spec.get("run", "inetd"), timeout=10)
            n.listen(spec.get("ports", []))
        if "xinetd" in spec:
            services = spec["xinetd"]
            n.do("sh", cmd="rm -f /etc/xinetd.d/*", timeout=10)
            for svc, body in services.items():
                if svc == "defaults":
                    n.put("/etc/xinetd.conf", "defaults\n{\n%s}\n\nincludedir /etc/xinetd.d\n" % indent(body))
                else:
                    n.put("/etc/xinetd.d/" + svc, "service %s\n{\n%s}\n" % (svc.split(".")[0], indent(body)))
            a = n.do("sh", cmd=spec.get("run", "xinetd -pidfile /run/xinetd.pid"), timeout=10)
            n.listen(spec.get("ports", []))

    # -- the scenario
    def run(self):
        sc = self.sc
        try:
            a = self.node.do("reset")
            if "error" in a:
                raise Abort("reset: " + a["error"])
            for cmd in sc.get("setup", []):
                r = self.node.do("sh", cmd=cmd, timeout=20)
                if r.get("rc"):
                    raise Abort("setup %r: rc %s %s" % (cmd, r.get("rc"), base64.b64decode(r.get("b64", ""))[-200:]))
            for where, spec in (sc.get("mail") or {}).items():
                self.place(where, spec)
            for where, spec in (sc.get("files") or {}).items():
                if isinstance(spec, str):
                    spec = {"text": spec}
                own = spec.get("owner") or (where[1:].split("/")[0] if where.startswith("~") else "root")
                self.node.put(where, spec["text"], owner=own, mode=str(spec.get("mode", "0644")),
                              **({"mtime": spec["mtime"]} if "mtime" in spec else {}))
            self.start_super(sc.get("super"))
            for step in sc["play"]:
                if time.time() > self.end:
                    raise Abort("scenario over its time")
                self.step(step)
        except Abort as e:
            self.put_obs("abort", ["<%s>" % e])
        except Exception as e:
            self.put_obs("abort", ["<harness: %s: %s>" % (type(e).__name__, e)])
            if os.environ.get("UW_DEBUG"):
                traceback.print_exc()
        finally:
            for c in self.conns.values():
                c.shut()
        return self.obs

    def step(self, step):
        if isinstance(step, str):
            step = {"open": step}
        (key, val), rest = list(step.items())[0], dict(list(step.items())[1:])
        if CONN.match(key):
            return self.do_cmd(key, val, rest)
        f = getattr(self, "s_" + key, None)
        if not f:
            raise Abort("unknown step %s" % key)
        f(val, rest)

    def do_cmd(self, name, val, opt, quiet=False):
        c = self.conn(name)
        if isinstance(val, dict):
            opt = {**val, **opt}
            text = opt.get("send", opt.get("raw", ""))
        else:
            text = val
        label = opt.get("label") or ("%s: %s" % (name, text if len(text) < 200 else text[:80] + "…"))
        text = self.subst(text)
        lits = opt.get("lit", [])
        lits = [self.literal(x) for x in (lits if isinstance(lits, list) else [lits])]
        t1 = time.time()
        kw = dict(expect=opt.get("expect"), t=opt.get("t"))
        data = latin(text)
        if opt.get("b64"):
            data = base64.b64encode(data.replace(b"\\0", b"\0"))
        if "repeat" in opt:
            data = data.replace(b"%R", latin(opt["repeat"][0]) * opt["repeat"][1])
        if "raw" in opt or opt.get("untagged"):
            kw["tag"] = b""
            if c.proto == "imap":
                kw["expect"] = kw["expect"] or "line"
                if opt.get("until"):
                    d = c.dead()
                    if d:
                        out = d
                    else:
                        c.send(data + opt.get("eol", "\r\n").encode())
                        u = opt["until"].encode()
                        out = c.collect(lambda l, o: l.startswith(u), opt.get("t"))
                    return self.finish(name, label, text, out, t1, opt, quiet)
        if c.proto == "pop3":
            kw.pop("tag", None)
        out = c.command(data, lits, eol=opt.get("eol", "\r\n").encode(), **kw)
        self.finish(name, label, text, out, t1, opt, quiet)

    def finish(self, name, label, text, out, t1, opt, quiet):
        took = time.time() - t1
        word = text.split(" ")[0].upper()
        lines = self.text(out, word in LISTLIKE)
        if "save" in opt:                  # remember a group of the answer
            for k, rx in opt["save"].items():
                m = re.search(rx, "\n".join(l for c in out for l in lab.show(c)))
                self.saved[k] = m.group(1) if m else "?"
        if "timed" in opt:
            lo, hi = opt["timed"]
            lines.append("<took %g..%g s>" % (lo, hi) if lo <= took <= hi else
                         "<took %.1f s, not %g..%g>" % (took, lo, hi))
        if word in LISTLIKE and not self.sc.get("marks"):
            # \Marked hangs on whether a second has passed since the last write
            lines = [re.sub(r"\\(Un)?Marked\b", r"\\[Un]Marked", l) for l in lines]
        if opt.get("only"):
            lines = [l for l in lines if re.search(opt["only"], l)]
        if opt.get("mask"):
            for rx, to in opt["mask"].items():
                lines = [re.sub(rx, to, l) for l in lines]
        if opt.get("sort"):
            lines = sorted(lines[:-1]) + lines[-1:]
        if quiet:
            ok = lines and (lines[-1].startswith("+OK") or lines[-1] == "." or
                            re.match(r"\S+ OK|\+ ", lines[-1]))
            if not ok:
                self.put_obs("quiet " + label, lines)
            return
        self.put_obs(label, lines)

    def subst(self, s):
        def one(m):
            k = m.group(1)
            if k.startswith("b64:"):
                return base64.b64encode(latin(k[4:]).replace(b"\\0", b"\0")).decode()
            if k in self.saved:
                return self.saved[k]
            if k.startswith("file:"):
                return self.stat(k[5:])
            raise Abort("no value %s" % k)
        return re.sub(r"<<([^<>]+)>>", one, s)

    def literal(self, x):
        if x.startswith("@"):
            d = corpus.message(x[1:])
        elif x.startswith("="):
            d = latin(x[1:])
            return d
        else:
            d = latin(x)
        return d.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    # -- steps
    def s_open(self, val, opt):
        """open: NAME or several names"""
        for name in val.split():
            c = self.open(name)
            t1 = time.time()
            out = c.greet(opt.get("t"))
            lines = self.text(out)
            self.put_obs("open " + name, lines)

    def s_pipe(self, val, opt):
        """pipe: NAME  as: USER  argv: [..]  - a daemon run on two pipes"""
        c = self.open(val, pipe={"user": opt.get("as", "anna"), "argv": opt["argv"], "env": opt.get("env"),
                                 "socket": opt.get("socket", False), "exe": opt.get("exe"),
                                 "status": opt.get("status", False)})
        self.put_obs("pipe %s: %s as %s" % (val, " ".join(opt["argv"]), opt.get("as", "anna")), self.text(c.greet()))

    def s_login(self, val, opt):
        """login: NAME USER [PASSWORD] - opens anew; not counted unless it fails"""
        p = val.split()
        name, user = p[0], p[1]
        pw = p[2] if len(p) > 2 else user + "-pw"
        c = self.conns.get(name)
        if c is None or c.sent or c.state != "open":
            self.open(name).greet()
        if name[0] == "P":
            self.do_cmd(name, "USER " + user, {}, quiet=True)
            self.do_cmd(name, "PASS " + pw, {}, quiet=True)
        else:
            self.do_cmd(name, "LOGIN %s %s" % (user, pw), {}, quiet=True)

    def s_q(self, val, opt):
        """q: 'I: SELECT INBOX' - a command not counted unless it fails"""
        name, text = val.split(": ", 1)
        self.do_cmd(name, text, opt, quiet=True)

    def s_push(self, val, opt):
        """push: NAME SECONDS - what the server says unasked"""
        name, secs = val.split()
        self.put_obs("push " + name, self.text(self.conn(name).push(float(secs))))

    def s_eof(self, val, opt):
        c = self.conn(val)
        t1 = time.time()
        lines = self.text(c.until_eof(opt.get("t")))
        if "timed" in opt:
            lo, hi = opt["timed"]
            lines.append("<took %g..%g s>" % (lo, hi) if lo <= time.time() - t1 <= hi else
                         "<took %.1f s, not %g..%g>" % (time.time() - t1, lo, hi))
        self.put_obs("eof " + val, lines)

    def s_close(self, val, opt):
        c = self.conn(val)
        lport, rport = getattr(c, "lport", 0), c.rport
        c.shut(opt.get("how", "close"))
        if opt.get("how") != "half" and rport != lab.PIPE_PORT:
            self.node.do("gone", lport=rport, rport=lport, wait=5)

    def s_wait(self, val, opt):
        time.sleep(float(val))

    def s_file(self, val, opt):
        """file: PATH - its bytes"""
        if opt.get("settle", True):
            self.node.do("settle", pattern=r"(ipop3d|imapd)", wait=opt.get("wait", 0.0) if self.any_open() else 3)
        a = self.node.do("get", path=val)
        if "error" in a:
            lines = ["<%s>" % (a.get("errno") or a["error"])]
        else:
            d = base64.b64decode(a["b64"])
            lines = []
            for l in d.split(b"\n"):
                lines.append(self.norm.text("|".join(lab.show(l))))
            if lines and lines[-1] == "":
                lines[-1] = "<end>"
            else:
                lines.append("<end without newline>")
            if opt.get("head"):
                lines = lines[:opt["head"]]
            if opt.get("grep"):
                lines = [l for l in lines if re.search(opt["grep"], l)]
        self.put_obs("file " + val, lines)

    def any_open(self):
        return any(c.state == "open" for c in self.conns.values())

    def s_stat(self, val, opt):
        lines = []
        for p in val.split():
            a = self.node.do("stat", path=p)
            if "error" in a:
                lines.append("%s <%s>" % (p, a.get("errno") or a["error"]))
                continue
            l = "%s %s %s:%s %s" % (p, a["mode"], a["user"], a["group"], a["kind"])
            if opt.get("size"):
                l += " %d bytes" % a["size"]
            if opt.get("times"):
                l += " atime%smtime" % (">" if a["atime"] > a["mtime"] else "=" if a["atime"] == a["mtime"] else "<")
            if opt.get("mtime"):
                l += " mtime %s" % (self.norm.text(str(int(a["mtime"]))))
            lines.append(l)
        self.put_obs("stat " + val, lines)

    def s_ls(self, val, opt):
        if not self.any_open():
            self.node.do("settle", pattern=r"(ipop3d|imapd)", wait=3)
        a = self.node.do("ls", path=val, deep=opt.get("deep", False))
        if "error" in a:
            self.put_obs("ls " + val, ["<%s>" % (a.get("errno") or a["error"])])
            return
        skip = {".bashrc", ".profile", ".bash_logout"}
        self.put_obs("ls " + val, [self.norm.text(n) for n in a["names"] if n not in skip] or ["<empty>"])

    def s_locks(self, val, opt):
        a = self.node.do("locks")
        self.put_obs("locks", ["%(box)s %(mode)s %(user)s %(text)s" % l for l in a.get("locks", [])] or ["<none>"])

    def s_log(self, val, opt):
        """log: IDENT [IDENT..] - system log lines since the last log step"""
        need = opt.get("n", 1)
        i = len(self.obs)
        if self.want and i < len(self.want):
            need = max(need, len([l for l in self.want[i]["out"] if l != "<no lines>"]))
        a = self.node.do("logs", ident=val, wait=opt.get("t", 4), n=need, quiet=0.25)
        lines = [self.norm.log(l) for l in a.get("lines", [])]
        if opt.get("only"):
            lines = [l for l in lines if re.search(opt["only"], l)]
        if opt.get("sort"):
            lines.sort()
        self.put_obs("log " + val, lines or ["<no lines>"])

    def s_clearlog(self, val, opt):
        self.node.do("logs", wait=float(val or 0.3), n=1 << 30)

    def s_sh(self, val, opt):
        r = self.node.do("sh", cmd=self.subst(val), user=opt.get("as"), timeout=opt.get("t", 15),
                         **({"stdin": base64.b64encode(latin(opt["stdin"])).decode()} if "stdin" in opt else {}))
        if opt.get("quiet"):
            if r.get("rc"):
                self.put_obs("quiet sh " + val, ["rc %s" % r.get("rc")])
            return
        out = base64.b64decode(r.get("b64", ""))
        lines = [self.norm.text("|".join(lab.show(l))) for l in out.split(b"\n")]
        if lines and lines[-1] == "":
            lines.pop()
        for rx, to in (opt.get("mask") or {}).items():
            lines = [re.sub(rx, to, l) for l in lines]
        self.put_obs("sh " + val, lines + ["rc %s" % r.get("rc", r.get("error"))])

    def s_deliver(self, val, opt):
        """deliver: WHERE MESSAGE.. - append as an MTA does, with flock"""
        p = val.split()
        path = "/var/mail/" + p[0] if p[0] in lab.USERS else p[0]
        data = corpus.mbox(p[1:], first=opt.get("first", 50))
        own = p[0] + ":mail" if p[0] in lab.USERS else p[0][1:].split("/")[0]
        exists = "error" not in self.node.do("stat", path=path)
        kw = {} if exists else {"owner": own, "mode": "0660"}
        now = time.time()
        self.node.put(path, data, append=True, mtime=now + 1, atime=now - 5, **kw)

    def s_put(self, val, opt):
        own = opt.get("owner") or (val[1:].split("/")[0] if val.startswith("~") else "root")
        kw = {"mtime": opt["mtime"]} if "mtime" in opt else {}
        self.node.put(val, opt["text"].encode() if "text" in opt else self.fixture(opt["mbox"]), owner=own,
                      mode=str(opt.get("mode", "0644")), **kw)

    def s_sig(self, val, opt):
        name, sig = val.split()
        c = self.conn(name)
        a = self.node.do("sig", lport=c.rport, rport=c.lport, sig=sig)
        if a.get("n", 0) < 1:
            self.put_obs("sig " + val, ["<no process holds the connection>"])

    def s_who(self, val, opt):
        """who: NAME - the process behind a connection: user and program"""
        c = self.conn(val)
        a = self.node.do("who", lport=c.rport, rport=c.lport)
        self.put_obs("who " + val, ["%s" % (p["user"]) for p in a.get("procs", [])] or ["<nobody>"])

    def s_super(self, val, opt):
        self.start_super(val)

    def s_hup(self, val, opt):
        """hup: inetd|xinetd - reload by signal"""
        pf = "/run/%s.pid" % val
        self.node.do("sh", cmd="test -s %s && kill -HUP $(cat %s) || pkill -HUP -x %s" % (pf, pf, val), timeout=10)
        for p in opt.get("ports", []):
            self.node.do("listen", ports=[p], wait=5)
        for p in opt.get("unports", []):
            self.node.do("unlisten", port=p, wait=5)
        time.sleep(0.3)

    def s_tcp(self, val, opt):
        """tcp: PORT  send: TEXT - a raw connection, read to EOF or quiet"""
        c = lab.Conn(self.node, "pop3", port=int(val), timeout=opt.get("t", 6))
        if c.state == "refused":
            self.put_obs("tcp %s" % val, [c.err])
            return
        if "send" in opt:
            c.send(latin(opt["send"]).replace(b"\n", b"\r\n"))
            if opt.get("half"):
                c.shut("half")
        out = c.until_eof(opt.get("t", 3)) if opt.get("eof") else c.push(opt.get("t", 1.5))
        lines = self.text(out)
        for rx, to in (opt.get("mask") or {}).items():
            lines = [re.sub(rx, to, l) for l in lines]
        self.put_obs("tcp %s %s" % (val, opt.get("send", "").strip()), lines)
        c.shut()

    def s_udp(self, val, opt):
        import socket
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(opt.get("t", 2))
        try:
            s.sendto(latin(opt.get("send", "")), (self.node.ip, int(val)))
            d = s.recv(65536)
            lines = self.text([d])
        except OSError as e:
            lines = ["<%s>" % type(e).__name__]
        for rx, to in (opt.get("mask") or {}).items():
            lines = [re.sub(rx, to, l) for l in lines]
        self.put_obs("udp %s" % val, lines)

    def s_burst(self, val, opt):
        """burst: pop3 5 - connections held together; the greeting of each"""
        proto, n = val.split()
        cs, lines = [], []
        for i in range(int(n)):
            c = lab.Conn(self.node, proto, timeout=opt.get("t", 3))
            g = c.greet()
            l = self.text(g)[0]
            l = re.sub(r"^((\+OK|\* OK)\b).*", r"\1 …", l)
            lines.append("<turned away>" if opt.get("coarse") and "…" not in l else l)
            cs.append(c)
        for c in cs:
            c.shut()
        self.put_obs("burst " + val, lines)

    def s_race(self, val, opt):
        """race: [{I: ..}, {I2: ..}] - sent together, answers collected in turn"""
        th, res = [], {}

        def go(name, cmd):
            res[name] = self.conns[name].command(latin(cmd))
        for d in val:
            for name, cmd in d.items():
                self.conn(name)
                t = threading.Thread(target=go, args=(name, cmd))
                t.start()
                th.append(t)
                time.sleep(opt.get("gap", 0.5))
        for t in th:
            t.join(60)
        for d in val:
            for name, cmd in d.items():
                self.put_obs("race %s: %s" % (name, cmd), self.text(res.get(name, [b"<no answer>"])))

    def s_during(self, val, opt):
        """during: {I2: CMD} steps: [...] - the steps run while CMD is under way"""
        (name, cmd), = val.items()
        c = self.conn(name)
        res = []
        t1 = time.time()
        t = threading.Thread(target=lambda: res.extend(c.command(latin(cmd), t=opt.get("t", 40))))
        t.start()
        time.sleep(opt.get("gap", 1.0))
        for s in opt["steps"]:
            self.step(s)
        t.join(60)
        lines = self.text(res)
        if "timed" in opt:
            took = time.time() - t1
            lo, hi = opt["timed"]
            lines.append("<took %g..%g s>" % (lo, hi) if lo <= took <= hi else
                         "<took %.1f s, not %g..%g>" % (took, lo, hi))
        self.put_obs("during %s: %s" % (name, cmd), lines)

    def s_same(self, val, opt):
        """same: [a, b] - two saved values are equal / ordered"""
        a, b = (self.saved.get(k, "?") for k in val)
        r = "equal" if a == b else "differ"
        if a.isdigit() and b.isdigit() and opt.get("order"):
            r = "less" if int(a) < int(b) else "equal" if a == b else "greater"
        self.put_obs("same %s" % " ".join(val), [r])

    def s_md5(self, val, opt):
        """md5: NAME USER SECRET - APOP / CRAM-MD5 with the challenge just seen"""
        import hashlib, hmac
        name, user, secret = val.split(None, 2)
        ch = self.saved["challenge"]
        if opt.get("cram"):
            raw = base64.b64decode(ch)
            dig = hmac.new(secret.encode(), raw, hashlib.md5).hexdigest()
            line = base64.b64encode(("%s %s" % (user, dig)).encode())
            c = self.conn(name)
            c.send(line + b"\r\n")
            self.put_obs("cram %s %s" % (name, user), self.text(c.collect(lambda l, o: not l.startswith(b"*"))))
        else:
            dig = hashlib.md5((ch + secret).encode()).hexdigest()
            self.do_cmd(name, "APOP %s %s" % (user, dig), {"label": "APOP %s <digest>" % user})

    def s_greet(self, val, opt):
        """greet: NAME save: {..} - open, keep parts of the greeting"""
        c = self.open(val)
        out = c.greet()
        txt = "\n".join(l for x in out for l in lab.show(x))
        for k, rx in (opt.get("save") or {}).items():
            m = re.search(rx, txt)
            self.saved[k] = m.group(1) if m else "?"
        self.put_obs("greet " + val, self.text(out))


def indent(body):
    return "".join("\t%s\n" % l.strip() for l in body.strip().splitlines())


# ------------------------------------------------------------ scenario set
class Loader(yaml.SafeLoader):
    pass


# keep yes/no/on/off/dates as text: scenarios are full of protocol words
Loader.yaml_implicit_resolvers = {
    k: [(t, r) for t, r in v if t not in ("tag:yaml.org,2002:timestamp",)]
    for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def load(args):
    res, seen = [], set()
    for st in ("public",):
        d = os.path.join(HERE, "scenarios", st)
        if not os.path.isdir(d):
            continue
        for fn in sorted(os.listdir(d)):
            if not fn.endswith(".yaml"):
                continue
            with open(os.path.join(d, fn), encoding="utf-8") as f:
                for sc in yaml.load_all(f, Loader):
                    if not sc:
                        continue
                    sc["set"], sc["topic"], sc["file"] = st, fn[:-5], fn
                    if sc["name"] in seen:
                        sys.exit("two scenarios named " + sc["name"])
                    seen.add(sc["name"])
                    assert sc["level"] in ("course", "core", "deep"), sc["name"]
                    res.append(sc)
    if args.set != "all":
        res = [s for s in res if s["set"] == args.set]
    if args.only:
        pats = args.only.split(",")
        res = [s for s in res if any(fnmatch.fnmatch(s["name"], "*%s*" % p) or s["topic"] == p for p in pats)]
    if not getattr(args, "slow", True):
        res = [s for s in res if not s.get("slow")]
    if getattr(args, "level", None):
        res = [s for s in res if s["level"] in args.level.split(",")]
    return res


def expected_path(sc):
    return os.path.join(HERE, "expected", sc["set"], sc["topic"] + ".yaml")


def read_expected(scens):
    exp = {}
    for p in {expected_path(s) for s in scens}:
        if os.path.exists(p):
            with open(p, encoding="utf-8") as f:
                for name, obs in (yaml.load(f, yaml.CSafeLoader) or {}).items():
                    exp[name] = [{"step": o["step"], "out": str(o["out"]).split("\n")} for o in obs]
    return exp


class Dumper(yaml.SafeDumper):
    pass


def rep_str(d, s):
    return d.represent_scalar("tag:yaml.org,2002:str", s, style="|" if "\n" in s else None)


Dumper.add_representer(str, rep_str)


def flat(lines):
    # trailing blanks would force the quoted style in YAML: make them visible
    return "\n".join(re.sub(r"( +)$", lambda m: "\\x20" * len(m.group(1)), l) for l in lines)


def write_expected(scens, results):
    for p in sorted({expected_path(s) for s in scens}):
        old = {}
        if os.path.exists(p):
            with open(p, encoding="utf-8") as f:
                old = yaml.load(f, yaml.CSafeLoader) or {}
        for s in scens:
            if expected_path(s) == p and s["name"] in results:
                old[s["name"]] = [{"step": o["step"], "out": flat(o["out"])} for o in results[s["name"]]]
        keep = {s["name"] for s in load(argparse.Namespace(set="all", only=None, level=None))}
        old = {k: v for k, v in sorted(old.items()) if k in keep}
        os.makedirs(os.path.dirname(p), exist_ok=True)
        with open(p, "w", encoding="utf-8") as f:
            yaml.dump(old, f, Dumper, allow_unicode=True, sort_keys=False, width=4096)


# ------------------------------------------------------------------ runner
def run_all(image, scens, workers, via, expected=None, progress=None):
    net = lab.Net()
    q, results, times = queue.Queue(), {}, {}
    for s in sorted(scens, key=lambda s: -s.get("weight", 1)):
        q.put(s)
    nodes, errors = [], []
    lock = threading.Lock()

    def worker():
        node = None
        try:
            while True:
                try:
                    s = q.get_nowait()
                except queue.Empty:
                    return
                for attempt in (1, 2):
                    try:
                        if node is None:
                            node = lab.Node(image, net, via=via)
                            with lock:
                                nodes.append(node)
                        p = Play(node, s)
                        if expected:
                            p.want = expected.get(s["name"])
                        obs = p.run()
                        if any("agent of" in l for o in obs if o["step"] == "abort" for l in o["out"]):
                            raise RuntimeError("agent lost")
                        break
                    except Exception as e:
                        obs = [{"step": "abort", "out": ["<node: %s>" % e]}]
                        if node:
                            node.close()
                            node = None
                with lock:
                    results[s["name"]] = [{"step": o["step"], "out": flat(o["out"]).split("\n")} for o in obs]
                    times[s["name"]] = time.time() - p.t0 if node else 0
                if progress:
                    progress(s, results[s["name"]], times[s["name"]])
        except Exception as e:
            errors.append(e)
        finally:
            if node:
                node.close()

    th = [threading.Thread(target=worker) for _ in range(min(workers, max(1, len(scens))))]
    try:
        for t in th:
            t.start()
        for t in th:
            t.join()
    except KeyboardInterrupt:
        while not q.empty():
            q.get_nowait()
        raise
    finally:
        for n in nodes:
            n.close()
    if errors:
        print("harness error:", errors[0], file=sys.stderr)
    return results, times


def judge(want, got):
    """-> list of (ok, step, want lines, got lines), aligned by position."""
    rows = []
    g = {i: o for i, o in enumerate(got)}
    extra = 0
    for i, w in enumerate(want):
        o = g.get(i + extra)
        while o is not None and o["step"].startswith("quiet ") and not w["step"].startswith("quiet "):
            extra += 1                     # a set-up step that failed: shown, not counted
            rows.append((None, o["step"], [], o["out"]))
            o = g.get(i + extra)
        if o is None or o["step"] == "abort" and w["step"] != "abort":
            rows.append((False, w["step"], w["out"], o["out"] if o else ["<nothing>"]))
            continue
        rows.append((o["step"] == w["step"] and o["out"] == w["out"], w["step"], w["out"], o["out"]))
    return rows


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("verb", choices=["record", "compare", "list", "show"])
    ap.add_argument("--image")
    ap.add_argument("--only")
    ap.add_argument("--set", default="all", choices=["public", "all"])
    ap.add_argument("--level")
    ap.add_argument("--json")
    ap.add_argument("--diff", "-v", action="store_true")
    ap.add_argument("--workers", type=int, default=8)
    ap.add_argument("--via", default="inetd", choices=["inetd", "agent"],
                    help="agent: the harness's own fork-per-connection server instead of the image's inetd")
    ap.add_argument("--times", action="store_true")
    ap.add_argument("--slow", action="store_true", help="also the scenarios that wait for minutes")
    args = ap.parse_args()
    if args.verb in ("list", "show", "record"):
        args.slow = args.slow or args.verb != "record"
    scens = load(args)
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(2))
    if args.verb in ("list", "show"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if args.verb == "list":
        exp = read_expected(scens)
        tot = {}
        for s in scens:
            n = len(exp.get(s["name"], []))
            print("%-7s %-7s %3d  %-40s %s" % (s["level"], s["set"], n, s["name"], s.get("about", "")))
            for k in (("level", s["level"]), ("set", s["set"]), ("all", "")):
                a = tot.setdefault(k, [0, 0])
                a[0] += 1
                a[1] += n
        for k, (a, b) in sorted(tot.items()):
            print("%-14s %4d scenarios %5d observations" % (" ".join(k), a, b))
        return 0
    if args.verb == "show":
        exp = read_expected(scens)
        for s in scens:
            print("== %s (%s, %s) %s" % (s["name"], s["level"], s["set"], s.get("about", "")))
            for o in exp.get(s["name"], []):
                print("  > " + o["step"])
                for l in o["out"]:
                    print("      " + l)
        return 0
    if not args.image:
        ap.error("--image is needed")
    t0 = time.time()
    if args.verb == "record":
        def prog(s, obs, t):
            bad = [o for o in obs if o["step"] == "abort" or o["step"].startswith("quiet ")
                   or any("<no answer>" in l or "<harness" in l for l in o["out"])]
            print("%s %-44s %3d obs %5.1f s" % ("odd " if bad else "rec ", s["name"], len(obs), t))
            for o in bad:
                print("       ", o["step"], o["out"][:3])
            sys.stdout.flush()
        res, times = run_all(args.image, scens, args.workers, args.via, progress=prog)
        write_expected(scens, res)
        print("%d scenarios, %d observations recorded in %.0f s" % (
            len(res), sum(len(o) for o in res.values()), time.time() - t0))
        return 0
    exp = read_expected(scens)
    tally = [0, 0]
    report = []

    def prog(s, got, t):
        want = exp.get(s["name"])
        if want is None:
            print("FAIL %-44s no expectation recorded" % s["name"])
            report.append({"name": s["name"], "set": s["set"], "level": s["level"], "equal": 0, "of": 0})
            return
        rows = judge(want, got)
        ok = sum(1 for r in rows if r[0])
        n = len(want)
        tally[0] += ok
        tally[1] += n
        print("%s %-44s %d/%d%s" % ("PASS" if ok == n else "FAIL", s["name"], ok, n,
                                    "  %.1f s" % t if args.times else ""))
        if args.diff and ok != n:
            for r in rows:
                if r[0] is True:
                    continue
                print("   step %s%s" % (r[1], "" if r[0] is False else "  (set-up, not counted)"))
                for l in difflib.unified_diff(r[2], r[3], lineterm="", n=1):
                    if not l.startswith(("---", "+++", "@@")):
                        print("      " + l[:400])
        sys.stdout.flush()
        report.append({"name": s["name"], "set": s["set"], "level": s["level"], "topic": s["topic"],
                       "equal": ok, "of": n, "seconds": round(t, 2),
                       "failed": [{"step": r[1], "want": r[2], "got": r[3]} for r in rows if r[0] is False]})
    res, times = run_all(args.image, scens, args.workers, args.via, expected=exp, progress=prog)
    for s in scens:
        if s["name"] not in res:
            tally[1] += len(exp.get(s["name"], []))
            print("FAIL %-44s did not run" % s["name"])
    groups = {}
    for r in report:
        for k in (r["level"], r["set"]):
            g = groups.setdefault(k, [0, 0, 0, 0])
            g[0] += r["equal"]
            g[1] += r["of"]
            g[2] += r["equal"] == r["of"] and r["of"] > 0
            g[3] += 1
    for k in ("course", "core", "deep", "public"):
        if k in groups:
            g = groups[k]
            print("  %-7s %d/%d observations, %d/%d scenarios" % (k, *g))
    eq, of = tally
    if args.json:
        with open(args.json, "w") as f:
            json.dump({"image": args.image, "equal": eq, "of": of, "seconds": round(time.time() - t0, 1),
                       "groups": groups, "scenarios": sorted(report, key=lambda r: r["name"])}, f, indent=1)
    print("%d scenarios in %.0f s" % (len(report), time.time() - t0))
    print("%d/%d observations equal (%.1f %%)" % (eq, of, int(1000.0 * eq / of) / 10 if of else 0))
    return 0 if of and eq == of and all(r["of"] for r in report) else 1


if __name__ == "__main__":
    sys.exit(main())
