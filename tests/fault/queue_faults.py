# SPDX-License-Identifier: ISC
"""A private world in which postern-queue is run under strace, with faults
put into its system calls, and the oracle over what it leaves."""

import ctypes
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import queue_file

ASAN = "asan" in os.environ.get("BUILD", "")
QUEUE = os.path.join(os.environ.get("BUILD", "build"), "bin/postern-queue")

O_TMPFILE = 0o20000000
AT_EMPTY_PATH = 0x1000
SYSCALLS = {"openat": 257, "linkat": 265, "renameat2": 316}
RENAME_NOREPLACE = 1

TEXTS = {
    "small": b"Subject: x\r\n\r\n" + b"hello\r\n" * 580,
    "large": b"Subject: x\r\n\r\n" + b"0123456789abcde\n" * 9000,
}
RECORDS = [("F", b"a@example.org"), ("T", b"b@example.org"), ("T", b"c@example.org")]


def refuse(rules):
    """Returns a function that makes the kernel refuse calls from now on, as
    file systems or kernels do that lack them: rules are (call, argument,
    bits that must be set, errno)."""
    load, jump_eq, jump_set, ret = 0x20, 0x15, 0x45, 0x06
    program = [(load, 0, 0, 0)]
    for call, arg, bits, error in rules:
        program += [
            (jump_eq, 0, 4, SYSCALLS[call]),
            (load, 0, 0, 16 + 8 * arg),
            (jump_set, 0, 1, bits),
            (ret, 0, 0, 0x00050000 | error),
            (load, 0, 0, 0),
        ]
    program.append((ret, 0, 0, 0x7FFF0000))
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    libc = ctypes.CDLL(None, use_errno=True)

    def apply():
        buffer = ctypes.create_string_buffer(code)
        fprog = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(buffer))
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, fprog, 0, 0):
            os._exit(99)

    return apply


class Run:
    """What a run did: exit code (negative: signal), calls, what it left."""

    def __init__(self, code, calls, new, tmp):
        self.code, self.calls, self.new, self.tmp = code, calls, new, tmp


CALL = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+|\?)(.*)$")


class World:
    def __init__(self):
        # in memory where possible: the order of calls is what counts here,
        # and a disk would be waited for thousands of times
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.dir = tempfile.mkdtemp(prefix="queue_faults.", dir=memory)
        os.chmod(self.dir, 0o755)
        os.mkdir(self.dir + "/control")
        self.queue = self.dir + "/queue"
        with open(self.dir + "/envelope", "wb") as file:
            for letter, value in RECORDS:
                file.write(letter.encode() + value + b"\0")
            file.write(b"\0")
        for name, text in TEXTS.items():
            with open(self.dir + "/" + name, "wb") as file:
                file.write(text)
        self.set("queuereserve", "1000000")
        self.env = {
            "POSTERN_HOME": self.dir,
            "PATH": os.environ["PATH"],
            "ASAN_OPTIONS": "detect_leaks=0",  # it cannot be traced
        }

    def close(self):
        shutil.rmtree(self.dir)

    def set(self, name, value):
        with open(self.dir + "/control/" + name, "w") as file:
            file.write(value + "\n")

    def clean(self):
        shutil.rmtree(self.queue, ignore_errors=True)
        for name in "", "/tmp", "/new":
            os.mkdir(self.queue + name)

    def run(self, text, *injections, preexec=None, before=()):
        """One run in a clean queue, with strace's expressions for faults."""
        self.clean()
        trace = self.dir + "/trace"
        command = ["strace", "-f", "-qq", "-s", "0", "-o", trace]
        for injection in injections:
            command += ["-e", "inject=" + injection]
        with open(self.dir + "/" + text) as stdin, open(self.dir + "/envelope") as fd1:
            done = subprocess.run(
                command + [*before, QUEUE],
                stdin=stdin,
                stdout=fd1,
                stderr=subprocess.DEVNULL,
                env=self.env,
                preexec_fn=preexec,
                timeout=60,
                check=False,
            )
        return Run(done.returncode, self.calls(trace), self.names("new"), self.names("tmp"))

    def calls(self, trace):
        found = []
        with open(trace) as file:
            for line in file:
                match = CALL.match(line.split(None, 1)[1].strip())
                if match:
                    found.append(match.groups())
        return found

    def names(self, room):
        return [self.queue + "/" + room + "/" + n for n in os.listdir(self.queue + "/" + room)]


def whole(path, text):
    """None when the file is the message that went in, else what is wrong."""
    try:
        got, records, journal = queue_file.read(path)
    except (queue_file.Damaged, ValueError) as why:
        return "damaged: %s" % why
    if got != TEXTS[text] or records != RECORDS or journal:
        return "not what went in"
    return None


def durable(calls):
    """None when every octet, then the name, was synced before the end."""
    dirty = named = synced_name = False
    for name, _, result, why in calls:
        good = result != "?" and int(result) >= 0
        if why.startswith(" EINTR"):
            continue
        if name == "pwrite64" and good:
            dirty = True
        elif name in ("linkat", "link", "renameat2") and good:
            named, synced_name = True, False
        elif name in ("fsync", "syncfs") and good:
            # of the directory (the lower descriptor) or of the file
            dirty = False
            synced_name = named
        elif name in ("fsync", "syncfs"):
            return "a sync failed"
    if dirty:
        return "octets were not synced"
    if not named or not synced_name:
        return "the name was not synced"
    return None


class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def ok(self, name, problems):
        self.n += 1
        print("%s %d - %s" % ("not ok" if problems else "ok", self.n, name))
        for problem in problems[:10]:
            print("# " + problem)
        self.failed += bool(problems)
        sys.stdout.flush()

    def end(self):
        print("1..%d" % self.n)
        sys.exit(1 if self.failed else 0)


def can_trace():
    try:
        return (
            subprocess.run(
                ["strace", "-o", "/dev/null", "-e", "inject=getpid:error=EPERM", "true"],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            ).returncode
            == 0
        )
    except FileNotFoundError:
        return False


def begin():
    """Skips everything where strace or the static program is missing."""
    if not can_trace():
        print("ok 1 - # SKIP strace cannot trace here")
        print("1..1")
        sys.exit(0)
    return World(), Tap()


NO_TMPFILE = refuse([("openat", 2, O_TMPFILE, 95)])
NO_EMPTY_PATH = refuse([("linkat", 4, AT_EMPTY_PATH, 2)])
NO_NOREPLACE = refuse(
    [("openat", 2, O_TMPFILE, 95), ("renameat2", 4, RENAME_NOREPLACE, 22)]
)

# (name, text, control/sync, what the kernel lacks)
WAYS = [
    ("small message, directory order", "small", "dir", None),
    ("small message, file order", "small", "file", None),
    ("large message, directory order", "large", "dir", None),
    ("no link by descriptor", "small", "dir", NO_EMPTY_PATH),
    ("no O_TMPFILE", "large", "file", NO_TMPFILE),
    ("no O_TMPFILE, no RENAME_NOREPLACE", "small", "dir", NO_NOREPLACE),
]
if platform.machine() != "x86_64":  # the numbers of SYSCALLS
    WAYS = [way for way in WAYS if not way[3]]


def ordinals(calls, start=None):
    """Every call as (name, which one of that name), from the first `start`."""
    count = {}
    begun = start is None
    for name, *_ in calls:
        count[name] = count.get(name, 0) + 1
        begun = begun or name == start
        if begun and name not in ("execve", "exit_group"):
            yield name, count[name]
