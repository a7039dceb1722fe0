# SPDX-License-Identifier: ISC
"""What programs do inside their jails, as strace sees it.

wrap() makes a build directory whose programs run under strace; after tests
have run with it, read() says which system calls each jail (a row of
lib/sys/jail) has seen since it was closed, and which files."""

import collections
import os
import re
import shutil

CALL = re.compile(r"^([a-z0-9_]+)\((.*)")
RESULT = re.compile(r"\)\s+= (-?\d+|\?)(.*)$")
PATH = re.compile(r'^(?:AT_FDCWD(?:<([^>]*)>)?|\d+<([^>]*)>)?(?:, )?"([^"]*)"')
TAKE_PATHS = re.compile(r"^(open|creat|.?stat|newfstatat|f?access|readlink|"
                        r"exec|unlink|rename|f?chmod|.?chown|fchownat|mk|rmdir|"
                        r"link|symlink|truncate|utim|chdir|chroot)")
STARTS = ("clone", "clone3", "fork", "vfork")
STRACE = ("strace -DDD -f -ff -qq -y -a 1 -s 8 -e signal=none -e trace=all "
          "-e 'abbrev=!prctl,seccomp' -o {out}/$$ {program} \"$@\"")
# Of a row that names what is forbidden: another architecture, and x32.
KILLS_OF_STARTERS = 2


def wrap(build, traced, out):
    """A build directory beside `build`, whose programs leave their calls in
    `out`; what a traced program starts is traced with it."""
    shutil.rmtree(traced, ignore_errors=True)
    os.makedirs(os.path.join(traced, "bin"))
    for name in os.listdir(build):
        if name not in ("bin", os.path.basename(traced), "logs", "proof"):
            os.symlink(os.path.join(build, name), os.path.join(traced, name))
    for name in os.listdir(os.path.join(build, "bin")):
        program = os.path.join(build, "bin", name)
        wrapper = os.path.join(traced, "bin", name)
        if not os.access(program, os.X_OK) or os.path.isdir(program):
            continue
        with open(wrapper, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nexec " +
                       STRACE.format(out=out, program=program) + "\n")
        os.chmod(wrapper, 0o755)


class Seen:
    """What was seen inside the jails."""

    def __init__(self):
        self.calls = collections.defaultdict(collections.Counter)
        self.files = collections.defaultdict(collections.Counter)
        self.jailed = collections.Counter()  # processes
        self.killed = collections.Counter()  # (program, call)


class Process:
    """A process whose calls are being read: its program, and the jails that
    are closed around it."""

    def __init__(self, program, jails):
        self.program = program
        self.jails = jails


def path_of(arguments):
    """The path that a call names first, whole; None: it names none."""
    found = PATH.match(arguments)
    if not found or not found.group(3):
        return None
    where = found.group(1) or found.group(2) or ""
    return os.path.join(where, found.group(3))


def note(seen, process, call, arguments, done):
    for jail in process.jails:
        seen.calls[jail][call] += 1
    path = path_of(arguments) if TAKE_PATHS.match(call) else None
    if path and done and process.jails:
        seen.files[process.jails[-1]][path] += 1


def row_of(arguments):
    """The row of lib/sys/jail.c of the program that execve names."""
    program = os.path.basename(path_of(arguments) or "?")
    if program == "postern-queue" and '"-l"' in arguments:
        return "postern-queue-service"
    return program


def closes_jail(call, arguments):
    """A row that names what is allowed; those that others are started in say
    nothing of one program."""
    return call in ("prctl", "seccomp") and "BPF_STMT" in arguments and \
        arguments.count("RET_KILL") > KILLS_OF_STARTERS


def read_file(name, process, seen, children):
    """One process; what it starts goes into `children`."""
    call = ""
    with open(name, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("+++ killed by SIGSYS") and process.jails:
                seen.killed[(process.program, call)] += 1
            match = CALL.match(line)
            if not match:
                continue
            call, arguments = match.groups()
            result = RESULT.search(line)
            done = bool(result) and result.group(1) not in ("-1", "?")
            if closes_jail(call, arguments) and done:
                process.jails = process.jails + (process.program,)
                seen.jailed[process.program] += 1
                continue
            note(seen, process, call, arguments, done)
            if call == "execve" and done:
                process.program = row_of(arguments)
            if call in STARTS and done:
                children.append((result.group(1), process.program,
                                 process.jails))


def read(out):
    """Everything below `out`."""
    seen = Seen()
    names = set(os.listdir(out))
    for name in sorted(names):
        root, pid = name.split(".")
        if root != pid:
            continue
        todo = [(pid, "?", ())]
        while todo:
            pid, program, jails = todo.pop()
            file = f"{root}.{pid}"
            if file in names:
                read_file(os.path.join(out, file), Process(program, jails),
                          seen, todo)
    return seen


def read_table(text):
    """The output of jailtable: {program: {"calls": set, "files": [path]}}."""
    table = {}
    for line in text.splitlines():
        program, what, *words = line.split()
        row = table.setdefault(program, {"calls": set(), "denied": set(),
                                         "files": []})
        if what in ("calls", "denied"):
            row[what] |= set(words)
        elif what == "files":
            row["files"].append(words[0])
    return table


def read_reasons(name):
    """{(program, call or place)}: may stand in the table unseen."""
    found = set()
    with open(name, encoding="ascii") as lines:
        for line in lines:
            words = line.split(None, 2)
            if line.startswith("#") or not words:
                continue
            if len(words) < 3:
                raise SystemExit(f"{name}: no reason: {line.strip()}")
            found.add((words[0], words[1]))
    return found


def place_used(place, paths):
    """Was anything of that place of the table opened?"""
    if place == "named":
        return bool(paths)
    if place.startswith("/"):
        return any(p == place or p.startswith(place.rstrip("/") + "/")
                   for p in paths)
    return any(p.endswith("/" + place) or "/" + place + "/" in p
               for p in paths)


def too_narrow(table, seen):
    """What was done that the table does not have."""
    wrong = [f"{program}: killed by its jail for {call}"
             for program, call in seen.killed]
    for program, row in sorted(table.items()):
        extra = set(seen.calls[program]) - row["calls"] - row["denied"]
        wrong += [f"{program}: {call} is made, and not in the table"
                  for call in sorted(extra)]
    return wrong


def too_wide(table, seen, reasons):
    """What the table has and nobody needs, reasons that are none any more."""
    wrong = []
    for program, row in sorted(table.items()):
        unseen = row["calls"] - set(seen.calls[program])
        unseen |= {p for p in row["files"]
                   if not place_used(p, seen.files[program])}
        for what in sorted(unseen):
            if (program, what) not in reasons and ("*", what) not in reasons:
                wrong.append(f"{program}: {what} is allowed, and never used")
        wrong += [f"{program}: {what} is used: jail.reasons needs no line"
                  for name, what in sorted(reasons)
                  if name == program and what not in unseen]
    return wrong
