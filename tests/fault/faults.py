# SPDX-License-Identifier: ISC
"""A private world with all of postern in it, a next hop beside it, and
tests/fault/strike between the programs and the kernel: a message comes in, one
system call of one program is struck, the rest is done without faults, and the
books are balanced.

Used by tests/proof/kill, errno and memory, and by the samples of `make check`
(tests/fault/test_strike)."""

import collections
import concurrent.futures
import os
import platform
import re
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import queue_file

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
STRIKE = BUILD + "/tests/strike"
PROGRAMS = ["smtpd", "queue", "rewrite", "send", "remote", "local", "bounce", "tls", "auth", "passwd"]
SENDER = "sender@home.example"
PATIENCE = 60  # seconds for a run that takes a tenth of one

# --- the messages -----------------------------------------------------------


class Mail:
    """A text, and recipients: here (to Maildirs), at the next hop, and some
    that the next hop does not know, of whom the sender is told."""

    def __init__(self, text, here, there, nobody):
        self.text = text
        self.here = ["l%d@home.example" % n for n in range(here)]
        self.there = ["r%d@hop.example" % n for n in range(there)]
        self.nobody = ["bad%d@hop.example" % n for n in range(nobody)]
        self.rcpts = self.here + self.there + self.nobody


HEAD = b"From: sender@home.example\r\nSubject: x\r\nX-Long: a\r\n\tb\r\n\r\n"
LONG = bytes(range(128, 256)) * 7 + b"\r\n"
MAILS = {
    "empty": Mail(b"", 1, 1, 1),
    "small": Mail(HEAD + b"hello\r\n.dots\r\n" * 290, 1, 1, 1),
    "eight": Mail(HEAD + (b"." + LONG + LONG) * 12, 2, 2, 1),
    "large": Mail(HEAD + b"0123456789abcde\r\n" * 61000, 6, 90, 4),
}


def to_lf(text):
    return text.replace(b"\r\n", b"\n")


# --- the next hop -----------------------------------------------------------


class Hop:
    """Takes everything but recipients whose name begins with bad."""

    def __init__(self):
        self.taken = []  # (recipients, text), from the moment of the 250 on
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            sock.settimeout(PATIENCE)
            with sock, sock.makefile("rb") as file:
                self.talk(sock, file)
        except OSError:
            pass

    def talk(self, sock, file):
        rcpts = []
        sock.sendall(b"220 hop.example ESMTP\r\n")
        while line := file.readline():
            verb = line[:4].upper()
            reply = b"250 2.0.0 ok\r\n"
            if verb == b"EHLO":
                reply = b"250-hop.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"
            elif verb == b"MAIL":
                rcpts = []
            elif verb == b"RCPT":
                name = line[line.index(b"<") + 1 : line.index(b">")].decode()
                if name.startswith("bad"):
                    reply = b"550 5.1.1 nobody\r\n"
                else:
                    rcpts.append(name)
            elif verb == b"DATA" and rcpts:
                sock.sendall(b"354 go on\r\n")
                text = self.text(file)
                if text is None:
                    return
                self.taken.append((rcpts, text))
            elif verb == b"DATA":
                reply = b"554 5.5.1 nobody to send it to\r\n"
            elif verb == b"QUIT":
                sock.sendall(b"221 2.0.0 bye\r\n")
                return
            sock.sendall(reply)

    @staticmethod
    def text(file):
        lines = []
        while (line := file.readline()) != b".\r\n":
            if not line:
                return None
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


# --- what a run of strike said ----------------------------------------------

Call = collections.namedtuple("Call", "pid k name result args paths mark")


class Run:
    """Exit code, the calls of the program that was watched, and how the
    processes ended: (program, status of wait)."""

    def __init__(self, code, record):
        self.code, self.calls, self.ends = code, [], []
        with open(record, encoding="ascii") as file:
            for line in file:
                w = line.split()
                if w[1] == "end":
                    self.ends.append((w[2], int(w[3])))
                elif w[1] != "0":
                    result = None if w[3] == "?" else int(w[3])
                    args = [int(n) for n in w[4:7]]
                    self.calls.append(Call(int(w[0]), int(w[1]), w[2], result, args, w[7:9], w[9]))

    def struck(self):
        """The call that was struck, or None."""
        return next((c for c in self.calls if c.mark != "-"), None)


# --- the world --------------------------------------------------------------


class World:
    def __init__(self, base):
        self.dir = tempfile.mkdtemp(dir=base)
        os.chmod(self.dir, 0o755)
        for room in "control", "bin", "saved":
            os.mkdir(self.dir + "/" + room)
        for program in PROGRAMS:
            os.symlink("%s/bin/postern-%s" % (BUILD, program), "%s/bin/postern-%s" % (self.dir, program))
        self.hop = Hop()
        self.set("me", "mail.home.example")
        self.set("locals", "home.example")
        self.set("mailboxes", "sender:mail/sender", "*:mail/all")
        self.set("smtproutes", ":[127.0.0.1]:%d" % self.hop.port)
        self.set("relayfrom", "127.0.0.1")
        self.set("queuereserve", "1000000")
        self.set("timeoutremote", "20")
        self.env = {"POSTERN_HOME": self.dir, "PATH": os.environ["PATH"], "TCPREMOTEIP": "127.0.0.1"}
        self.write_inputs()

    def set(self, name, *lines):
        with open(self.dir + "/control/" + name, "w", encoding="ascii") as file:
            file.write("".join(line + "\n" for line in lines))

    def unset(self, name):
        try:
            os.unlink(self.dir + "/control/" + name)
        except FileNotFoundError:
            pass

    def write_inputs(self):
        """What each message is to postern-queue and to postern-smtpd, and as
        a queue file."""
        for name, mail in MAILS.items():
            with open(self.path(name + ".text"), "wb") as file:
                file.write(mail.text)
            with open(self.path(name + ".envelope"), "wb") as file:
                file.write(b"F" + SENDER.encode() + b"\0B8BITMIME\0")
                file.write(b"".join(b"T" + r.encode() + b"\0" for r in mail.rcpts) + b"\0")
            with open(self.path(name + ".session"), "wb") as file:
                file.write(b"EHLO client.example\r\nMAIL FROM:<%s> BODY=8BITMIME\r\n" % SENDER.encode())
                file.write(b"".join(b"RCPT TO:<%s>\r\n" % r.encode() for r in mail.rcpts))
                stuffed = re.sub(rb"(?m)^\.", b"..", mail.text)
                file.write(b"DATA\r\n" + stuffed + b".\r\nQUIT\r\n")
            self.clean()
            assert self.queue(name).returncode == 0
            (path,) = self.files("new")
            os.rename(path, self.dir + "/saved/" + name)

    def path(self, name):
        return self.dir + "/" + name

    def files(self, room):
        room = "%s/queue/%s" % (self.dir, room)
        return sorted(room + "/" + n for n in os.listdir(room)) if os.path.isdir(room) else []

    def clean(self):
        """An empty queue, but for messages that are none of our business."""
        for room in "queue", "mail":
            shutil.rmtree(self.dir + "/" + room, ignore_errors=True)
        for room in "", "/tmp", "/new", "/cur", "/hold", "/failed":
            os.mkdir(self.dir + "/queue" + room)
        os.mkdir(self.dir + "/mail")
        self.hop.taken.clear()
        self.others = {}
        if os.path.exists(self.dir + "/saved/small"):
            due = int(time.time()) + 3000
            for n, room in enumerate(("cur/%010d.", "hold/", "failed/")):
                name = "queue/" + (room % due if "%" in room else room) + "0123456789abcdefghijklm%d" % n
                shutil.copyfile(self.dir + "/saved/small", self.path(name))
                self.others[name] = os.stat(self.path(name)).st_mtime_ns

    def command(self, argv, strike=(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=None):
        record = self.path("record")
        front = [STRIKE, "-o", record, *strike] if strike else []
        with open(self.path("log"), "ab") as log:
            done = subprocess.run(
                front + argv, stdin=stdin, stdout=stdout, stderr=log, env=dict(self.env, **(env or {})),
                timeout=PATIENCE, check=False,
            )
        if not strike:
            return done
        if done.returncode == 77:
            raise RuntimeError("strike cannot work")
        return Run(done.returncode, record)

    def program(self, name):
        return "%s/bin/postern-%s" % (self.dir, name)

    # --- the ways in: each returns what was run and whether it was taken

    def queue(self, mail, strike=(), env=None):
        with open(self.path(mail + ".text")) as text, open(self.path(mail + ".envelope")) as envelope:
            return self.command([self.program("queue")], strike, text, envelope, env)

    def by_queue(self, mail, strike, env=None):
        run = self.queue(mail, strike, env)
        return run, run.code == 0, None

    def by_smtpd(self, mail, strike, env=None):
        said = self.path("said")
        with open(self.path(mail + ".session")) as stdin, open(said, "w") as stdout:
            run = self.command([self.program("smtpd")], strike, stdin, stdout, env)
        with open(said, "rb") as file:
            text = file.read()
        # complete replies, the last line of each
        replies = re.findall(rb"(?m)^(\d\d\d)(?: .*)?\r\n", text)
        after = replies[replies.index(b"354") + 1 :] if b"354" in replies else []
        final = after[0].decode() if after else None
        return run, final == "250", final

    def secure(self):
        """A certificate and a login, made once."""
        if not os.path.exists(self.path("saved/logins")):
            key, crt = self.path("saved/key"), self.path("saved/crt")
            request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x.example"
            subprocess.run([*request.split(), "-keyout", key, "-out", crt], stderr=subprocess.DEVNULL, check=True)
            subprocess.run([self.program("passwd"), "-s", "box"], env=self.env, input=b"secret-word\n", check=True)
            os.rename(self.path("control/logins"), self.path("saved/logins"))
        self.set("tlscert", self.path("saved/crt"))
        self.set("tlskey", self.path("saved/key"))
        self.set("senders", "box: " + SENDER)
        shutil.copy(self.path("saved/logins"), self.path("control/logins"))

    def client(self, port, mail, said):
        """STARTTLS, a login and a message; in `said` the last reply."""
        mail = MAILS[mail]
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            talk = smtplib.SMTP("127.0.0.1", port, "client.example", PATIENCE)
            with talk:
                talk.starttls(context=context)
                try:
                    talk.login("box", "secret-word")
                except smtplib.SMTPAuthenticationError as refused:
                    said.append(str(refused.smtp_code))
                talk.ehlo_or_helo_if_needed()
                talk.mail(SENDER, ["BODY=8BITMIME"])
                for rcpt in mail.rcpts:
                    talk.rcpt(rcpt)
                said.append(str(talk.data(mail.text)[0]))
        except smtplib.SMTPResponseException as refused:
            said.append(str(refused.smtp_code))
        except (smtplib.SMTPException, OSError, ValueError):
            pass

    def by_tls(self, mail, strike, env=None):
        """The same through postern-tls and postern-auth, which postern-smtpd
        starts."""
        self.secure()
        said = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = threading.Thread(target=self.client, args=(listener.getsockname()[1], mail, said))
            client.start()
            sock, _ = listener.accept()
        run = self.command([self.program("smtpd")], strike, sock, sock, env)
        sock.close()
        client.join()
        return run, said[-1:] == ["250"], said[-1] if said else None

    def by_send(self, mail, strike, env=None):
        """It lies in the queue, and is sent."""
        shutil.copyfile(self.dir + "/saved/" + mail, self.path("queue/new/0123456789abcdefghijklv0"))
        return self.command([self.program("send"), "-1"], strike, env=env), True, None

    # --- the rest

    def ours(self, *rooms):
        """Files of the messages that are our business."""
        return [f for room in rooms for f in self.files(room) if os.path.relpath(f, self.dir) not in self.others]

    def drain(self):
        """Without faults, until nothing is left. What is put off is tried at
        once: it is moved to new/, as an admin may."""
        for _ in range(8):
            self.old_orphans()
            code = self.command([self.program("send"), "-1"]).returncode
            for file in self.ours("cur"):
                os.rename(file, self.path("queue/new/" + file.rsplit(".", 1)[1]))
            if code not in (0, 111):
                return ["send -1 exits %d" % code]
            if not self.ours("new", "cur"):
                return []
        return ["still in the queue: %s" % self.ours("new", "cur")]

    def old_orphans(self):
        """What lies in a tmp/ is two days old."""
        then = time.time() - 2 * 86400
        for room, _, files in os.walk(self.dir):
            for name in files if room.endswith("/tmp") else ():
                os.utime(room + "/" + name, (then, then))


# --- the books --------------------------------------------------------------


class Books:
    """What became of a message."""

    def __init__(self, world, mail):
        self.world, self.mail = world, MAILS[mail]
        self.count = collections.Counter()  # recipient -> complete copies
        self.told = collections.Counter()  # recipient -> reports of failure
        self.problems = []
        self.read_hop()
        self.read_maildir()
        self.read_reports()

    def read_hop(self):
        for rcpts, text in self.world.hop.taken:
            self.judge_text(text, self.mail.text, "at the next hop")
            self.count.update(rcpts)

    def read_maildir(self):
        for text in self.maildir("all"):
            match = re.match(rb"Return-Path: <sender@home.example>\nDelivered-To: (\S+)\n", text)
            if not match:
                self.problems.append("a Maildir holds what begins with %r" % text[:80])
                continue
            self.judge_text(text[match.end() :], to_lf(self.mail.text), "in a Maildir")
            self.count[match.group(1).decode()] += 1

    def read_reports(self):
        for text in self.maildir("sender"):
            if not text.endswith(b"--\n"):
                self.problems.append("half a report")
            for name in re.findall(rb"\nFinal-Recipient: rfc822; ?(\S+)", text):
                self.told[name.decode()] += 1

    def maildir(self, name):
        new = self.world.path("mail/%s/new" % name)
        for entry in os.listdir(new) if os.path.isdir(new) else ():
            with open(new + "/" + entry, "rb") as file:
                yield file.read()

    def judge_text(self, got, want, where):
        """The same octets, behind a trace of ours if smtpd took it."""
        trace = got[: len(got) - len(want)]
        if not got.endswith(want) or not re.fullmatch(rb"(Received: .*\r?\n([ \t].*\r?\n)+)?", trace):
            self.problems.append("a message of %d octets %s, not %d: %r" % (len(got), where, len(want), got[:60]))

    def everybody(self):
        """How often each recipient was heard of: delivered, or reported."""
        wanted = {r: self.count[r] for r in self.mail.here + self.mail.there}
        wanted.update({r: self.told[r] for r in self.mail.nobody})
        return wanted

    def twice(self):
        return sum(max(0, n - 1) for n in self.everybody().values())


def untouched(world):
    """What became of the messages that are none of our business."""
    with open(world.dir + "/saved/small", "rb") as file:
        want = file.read()
    for name, mtime in world.others.items():
        try:
            with open(world.path(name), "rb") as file:
                if file.read() != want or os.stat(world.path(name)).st_mtime_ns != mtime:
                    yield "another message was changed: " + name
        except FileNotFoundError:
            yield "another message has gone: " + name


def left_behind(world):
    """Files that nobody will look for any more."""
    for file in world.ours("tmp", "failed"):
        yield "left: " + os.path.relpath(file, world.dir)


def balance(world, mail, taken):
    """Empties the queue, and returns what is wrong, and how many recipients
    have a message twice."""
    problems = world.drain()
    books = Books(world, mail)
    problems += books.problems + list(untouched(world)) + list(left_behind(world))
    heard = books.everybody()
    missing = [r for r, n in heard.items() if n == 0]
    if taken and missing:
        problems.append("%d recipients were lost: %s" % (len(missing), missing[:3]))
    if not taken and missing and len(missing) < len(heard):
        problems.append("a part was delivered, not to %s" % missing[:3])
    if max(heard.values()) > 2:
        problems.append("more than twice: %s" % max(heard.items(), key=lambda item: item[1]).__repr__())
    return problems, books.twice()


# --- many runs --------------------------------------------------------------

world = None  # of a process that makes runs


def begin(base):
    global world
    world = World(base)


def ready():
    """None, or why nothing can be struck here."""
    if platform.machine() != "x86_64":
        return "strike knows x86-64 only"
    done = subprocess.run([STRIKE, "true"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return "no process can be traced here" if done.returncode == 77 else None


class Pool:
    """Runs cases in worlds of their own, in memory: the order of calls is
    what counts, a disk would be waited for thousands of times."""

    def __init__(self, at_once=int(os.environ.get("AT_ONCE", "2"))):
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.base = tempfile.mkdtemp(prefix="postern-faults.", dir=memory)
        os.chmod(self.base, 0o755)
        self.pool = concurrent.futures.ProcessPoolExecutor(at_once, initializer=begin, initargs=(self.base,))

    def map(self, function, cases):
        return self.pool.map(function, cases, chunksize=4)

    def close(self):
        self.pool.shutdown(cancel_futures=True)
        shutil.rmtree(self.base)


def note(text):
    print(text, file=sys.stderr, flush=True)


def row(what, figures):
    print("%s\t%s" % (what, figures), flush=True)
