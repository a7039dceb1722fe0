# SPDX-License-Identifier: ISC
"""What a power cut may leave, without a disk. The system calls of real
programs are recorded; a model of the least that POSIX promises says which
states of files and names a machine may find that lost power at any moment
between them; each state is made and read by postern's own reader.

The model. After fsync(file) its octets and its size are there; after
fsync(directory) its names are. Everything else that was done since may be
there or not, each name and each sector of 512 octets for itself; the size of a
file may be any between the two; what was never written holds zeros, or what
another message left on that place of the disk, or noise. A rename within the
queue is one step. With `brings`, fsync(file) also makes the names durable
that the file has: what control/sync=file asks of a file system."""

import itertools
import os
import re
import shutil
import subprocess

SECTOR = 512
FEW = 9  # sectors of which every subset is tried


class Unknown(Exception):
    """A call that changes files and that the model does not know."""


# --- what was done ----------------------------------------------------------

TRACED = (
    "openat,open,creat,write,writev,pwrite64,pwritev,pwritev2,ftruncate,truncate,fallocate,"
    "link,linkat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,symlink,symlinkat,"
    "fsync,fdatasync,syncfs,sync,sync_file_range,copy_file_range,splice,sendfile,exit_group"
)
ROOMS = re.compile(r"(queue|mail/[a-z]+)/(tmp|new|cur|hold|failed)(/|$)")
LINE = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$")
END = re.compile(r"^(.*)\) += (-?\d+|\?)(?:<((?:\\x..)*)>(\(deleted\))?)?(.*)$")
WORD = re.compile(r'"((?:\\x..)*)"|(\w+)<((?:\\x..)*)>(?:\(deleted\))?|([^\s,\[\]{}]+)')


def _bytes(text):
    return bytes.fromhex(text.replace("\\x", ""))


def _words(text):
    """Arguments: bytes for strings, ("fd", path) for descriptors, else text."""
    for string, _, path, plain in WORD.findall(text):
        if plain:
            yield plain.split("=")[-1] if "=" in plain else plain
        elif path:
            yield ("fd", _bytes(path).decode())
        else:
            yield _bytes(string)


def calls(trace):
    """Every good call as (pid, name, arguments, result, path of a new fd)."""
    begun = {}
    with open(trace) as file:
        for line in file:
            match = LINE.match(line)
            if not match:
                continue
            pid, resumed, name, rest = match.groups()
            if resumed:
                name, rest = resumed, begun.pop(pid, "") + rest
            if rest.endswith("<unfinished ...>"):
                begun[pid] = rest[: -len("<unfinished ...>")]
                continue
            end = END.match(rest)
            if end and not end.group(2).startswith("-"):
                path = end.group(3)
                yield pid, name, list(_words(end.group(1))), end.group(2), path and _bytes(path).decode()


class Record:
    """Steps, in order:

    ("data", file, offset, octets)   ("size", file, n)
    ("link", path, file)   ("unlink", path)   ("rename", from, to)
    ("sync", file)   ("syncdata", file)   ("syncdir", path)   ("syncall",)
    ("note", text)

    A file is a number, a path is relative to the world."""

    def __init__(self, home):
        self.home = home + "/"
        self.steps = []
        self.names = {}  # as the programs saw them
        self.unnamed = {}  # of O_TMPFILE, by what /proc calls them
        self.files = {}  # number -> octets before the first step
        self.start = {}
        self.sizes = {}
        for path, _, entries in os.walk(home):
            for entry in entries:
                name = os.path.join(path, entry)[len(self.home) :]
                if ROOMS.match(name):
                    with open(self.home + name, "rb") as file:
                        self._add(name, file.read())

    def _add(self, name, octets):
        number = len(self.files)
        self.files[number] = octets
        self.sizes[number] = len(octets)
        self.names[name] = self.start[name] = number

    def _ours(self, path):
        """The path in the world of a room of the queue or of a Maildir, or of
        what lies in one; None for any other."""
        path = path[len(self.home) :] if path.startswith(self.home) else ""
        return path if ROOMS.match(path) else None

    def _file(self, path):
        """The number of an open file of ours, or None."""
        path = self._ours(path)
        if path is None:
            return None
        if path in self.unnamed:
            return self.unnamed[path]
        return self.names.get(path)

    def _new(self):
        number = len(self.files)
        self.files[number] = b""
        self.sizes[number] = 0
        return number

    def finals(self):
        """The octets of every file when all is done."""
        out = {}
        for file, before in self.files.items():
            steps = [s for s in self.steps if s[0] in ("data", "size") and s[1] == file]
            (out[file],) = _contents(before, steps, [], Fill(b""))
        return out

    def note(self, text):
        self.steps.append(("note", text))

    def read(self, trace):
        for pid, name, args, result, opened in calls(trace):
            method = getattr(self, "_" + name, None)
            if method:
                method(args, result, opened)
            elif any(self._ours(a[1]) for a in args if isinstance(a, tuple)):
                raise Unknown("%s %s" % (name, args))
        return self

    # paths

    def _path(self, args):
        """Takes a path off the arguments, with the directory before it."""
        at = args.pop(0)[1] if isinstance(args[0], tuple) else ""
        path = args.pop(0).decode()
        return self._ours(os.path.normpath(os.path.join(at, path)))

    # calls

    def _openat(self, args, _, opened):
        path, flags = self._path(args), args[0]
        if path is None or (opened and self._ours(opened) is None):
            return
        if "O_TMPFILE" in flags:
            self.unnamed[self._ours(opened)] = self._new()
        elif "O_CREAT" in flags and path not in self.names:
            self.names[path] = self._new()
            self.steps.append(("link", path, self.names[path]))
        elif "O_TRUNC" in flags:
            self._resize(self.names[path], 0)

    def _mkdirat(self, *_):
        pass  # the rooms are made before anything is recorded

    _mkdir = _mkdirat

    def _resize(self, file, size):
        self.steps.append(("size", file, size))
        self.sizes[file] = size

    def _ftruncate(self, args, *_):
        file = self._file(args[0][1])
        if file is not None:
            self._resize(file, int(args[1]))

    def _data(self, file, offset, octets):
        if file is not None and octets:
            self.steps.append(("data", file, offset, octets))
            self.sizes[file] = max(self.sizes[file], offset + len(octets))

    def _pwrite64(self, args, result, _):
        self._data(self._file(args[0][1]), int(args[3]), args[1][: int(result)])

    def _written(self, args, result, _):
        file = self._file(args[0][1]) if isinstance(args[0], tuple) else None
        octets = b"".join(a for a in args if isinstance(a, bytes))
        if file is not None:
            self._data(file, self.sizes[file], octets[: int(result)])

    _write = _writev = _written

    def _pwritev(self, args, result, _):
        octets = b"".join(a for a in args if isinstance(a, bytes))
        self._data(self._file(args[0][1]), int(args[-1]), octets[: int(result)])

    def _linkat(self, args, *_):
        if args[1] == b"":
            file = self._file(args[0][1])
            args = args[2:]
        else:
            source = args[1].decode()
            file = self._proc(source) if source.startswith("/proc/") else self.names.get(self._path(args[:2]))
            args = args[2:]
        path = self._path(args)
        if path is None or file is None:
            raise Unknown("a link to %s" % path)
        self.names[path] = file
        self.steps.append(("link", path, file))

    def _proc(self, _):
        return list(self.unnamed.values())[-1]

    def _link(self, args, *_):
        self._linkat([("fd", self.home + "queue"), args[0], ("fd", self.home + "queue"), args[1]])

    def _unlinkat(self, args, *_):
        path = self._path(args)
        if path in self.names:
            del self.names[path]
            self.steps.append(("unlink", path))

    def _unlink(self, args, *_):
        self._unlinkat([("fd", self.home + "queue"), args[0]])

    def _renameat2(self, args, *_):
        source, target = self._path(args), self._path(args)
        if source in self.names:
            self.names[target] = self.names.pop(source)
            self.steps.append(("rename", source, target, self.names[target]))

    _renameat = _renameat2

    def _fsync(self, args, *_, word="sync"):
        path = args[0][1]
        file = self._file(path)
        if file is not None:
            self.steps.append((word, file))
        elif self._ours(path):
            self.steps.append(("syncdir", self._ours(path)))

    def _fdatasync(self, args, *_):
        self._fsync(args, word="syncdata")

    def _syncfs(self, *_):
        self.steps.append(("syncall",))

    _sync = _syncfs

    def _exit_group(self, *_):
        pass


def record(home, command, **how):
    """Runs a command under strace and records what it did in a world. Its
    exit is the last step."""
    trace = home + "/trace"
    made = Record(home)
    done = subprocess.run(
        ["strace", "-f", "-qq", "-y", "-xx", "-s", "1000000", "-e", "trace=" + TRACED, "-e", "signal=none", "-o", trace]
        + command,
        stderr=subprocess.DEVNULL,
        timeout=120,
        check=False,
        **how,
    )
    made.read(trace)
    made.note("exit %d" % done.returncode)
    os.unlink(trace)
    return made


# --- what may be left of it -------------------------------------------------


def _folder(path):
    return path.rpartition("/")[0]


def _split(steps, brings):
    """Which steps are safe and which are not, at the end of them."""
    pending = []
    safe = []

    def settle(test):
        nonlocal pending
        safe.extend(s for s in pending if test(s[1]))
        pending = [s for s in pending if not test(s[1])]

    for n, step in enumerate(steps):
        if step[0] in ("sync", "syncdata"):
            file, named = step[1], brings and step[0] == "sync"
            settle(
                lambda s: (s[0] in ("data", "size") and s[1] == file)
                or (named and s[0] in ("link", "rename") and s[-1] == file)
            )
        elif step[0] == "syncdir":
            settle(
                lambda s: s[0] in ("link", "unlink", "rename")
                and step[1] in [_folder(p) for p in s[1:3] if isinstance(p, str)]
            )
        elif step[0] == "syncall":
            settle(lambda s: True)
        elif step[0] != "note":
            pending.append((n, step))
    return sorted(safe), pending


def _sectors(step):
    """The parts of a write that reach the disk each for itself."""
    _, file, offset, octets = step
    at = 0
    while at < len(octets):
        n = min(SECTOR - (offset + at) % SECTOR, len(octets) - at)
        yield ("data", file, offset + at, octets[at : at + n])
        at += n


def _subsets(parts):
    """Every choice of few parts; of many: each prefix, each one missing, each
    one alone."""
    if len(parts) <= FEW:
        for n in range(len(parts) + 1):
            yield from itertools.combinations(parts, n)
        return
    for n in range(len(parts) + 1):
        yield tuple(parts[:n])
        yield tuple(parts[n : n + 1])
        yield tuple(parts[:n] + parts[n + 1 :])


class Fill:
    """What a part of a file holds that was never written."""

    def __init__(self, stale):
        noise = bytes(range(1, 256)) * (len(stale) // 255 + 1)
        self.kinds = [b"", stale, noise]

    def octets(self, kind, offset, n):
        found = self.kinds[kind][offset : offset + n]
        return found + bytes(n - len(found))


def _contents(before, safe, pending, fill):
    """Every content that a file may have."""
    size = len(before)
    base = [(0, before)]
    for step in safe:
        if step[0] == "size":
            size = step[2]
            base = [(at, octets[: max(0, size - at)]) for at, octets in base]
        else:
            base.append((step[2], step[3]))
            size = max(size, step[2] + len(step[3]))
    if not pending:
        yield _compose(base, size, fill, 0)
        return
    cuts = [s for s in pending if s[0] == "size"]
    parts = [p for s in pending if s[0] == "data" for p in _sectors(s)]
    ends = {size} | {s[2] for s in cuts} | {p[2] + len(p[3]) for p in parts}
    for chosen in _subsets(parts):
        for end in ends if len(parts) <= FEW else {size, max(ends)}:
            for kind in range(3):
                yield _compose(base + [(p[2], p[3]) for p in chosen], end, fill, kind)


def _compose(pieces, size, fill, kind):
    out = bytearray(fill.octets(kind, 0, size))
    for at, octets in pieces:
        octets = octets[: max(0, size - at)]
        out[at : at + len(octets)] = octets
    return bytes(out)


def _namings(start, safe, pending):
    """Every set of names that may be left."""
    loose = [s for s in pending if s[0] in ("link", "unlink", "rename")]
    for chosen in _subsets(list(range(len(loose)))):
        names = dict(start)
        for step in safe + [loose[n] for n in chosen]:
            if step[0] == "link":
                names[step[1]] = step[2]
            elif step[0] == "unlink":
                names.pop(step[1], None)
            elif step[0] == "rename":
                names.pop(step[1], None)
                names[step[2]] = step[3]
        yield names


def states(made, brings, stale=b"", first=0):
    """Every state after a power cut, once each, as (names: path -> file,
    contents: file -> octets, steps done)."""
    fill = Fill(stale)
    seen = set()
    for cut in range(first, len(made.steps) + 1):
        safe, pending = _split(made.steps[:cut], brings)
        safe = [s for _, s in safe]
        pending = [s for _, s in pending]
        choices = {}
        safe_names = [s for s in safe if s[0] in ("link", "unlink", "rename")]
        for names in _namings(made.start, safe_names, pending):
            there = sorted(set(names.values()))
            for file in there:
                if file not in choices:
                    choices[file] = _choices(made, file, safe, pending, fill)
            for octets in itertools.product(*(choices[f] for f in there)):
                state = dict(zip(there, octets))
                key = (tuple(sorted((p, state[f], f) for p, f in names.items())), _told(made, cut))
                if hash(key) not in seen:
                    seen.add(hash(key))
                    yield names, state, cut


def _choices(made, file, *steps_and_fill):
    *steps, fill = steps_and_fill
    ours = [[s for s in some if s[0] in ("data", "size") and s[1] == file] for some in steps]
    return sorted(set(_contents(made.files[file], *ours, fill)))


def _told(made, cut):
    """What the world outside had heard by then."""
    return tuple(s[1] for s in made.steps[:cut] if s[0] == "note")


# --- what postern makes of it -----------------------------------------------


class Reader:
    """Makes states in a folder and has them read."""

    def __init__(self, folder):
        self.home = folder
        shutil.rmtree(folder, ignore_errors=True)
        for room in ("tmp", "new", "cur", "hold", "failed"):
            os.makedirs(folder + "/queue/" + room)
        tool = os.path.join(os.environ.get("BUILD", "build"), "tests/reader")
        self.child = subprocess.Popen(
            [tool], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.there = {}  # path -> (file, octets)

    def close(self):
        self.child.stdin.close()
        self.child.wait()
        shutil.rmtree(self.home)

    def _make(self, wanted):
        """Only what differs from the state before is written."""
        for path in [p for p in self.there if self.there[p] != wanted.get(p)]:
            try:
                os.unlink(self.home + "/" + path)
            except FileNotFoundError:
                pass  # the reader swept it
            del self.there[path]
        made_of = {f for f, _ in wanted.values()}
        made = {}
        for path, (file, octets) in wanted.items():
            if path in self.there:
                continue
            if file in made:
                os.link(made[file], self.home + "/" + path)
            else:
                made[file] = self.home + "/" + path
                with open(made[file], "wb", buffering=0) as out:
                    out.write(octets)
            self.there[path] = (file, octets)
        if len(made_of) != len(wanted):
            self.there = dict.fromkeys(self.there, ())  # nothing to keep: two names of one file

    def read(self, names, contents):
        """Returns {path: (verdict, words)} of the messages in the queue."""
        self._make({p: (f, contents[f]) for p, f in names.items() if p.startswith("queue/")})
        self.child.stdin.write(self.home + "\n")
        self.child.stdin.flush()
        found = {}
        for line in self.child.stdout:
            if line == ".\n":
                return found
            room, name, verdict, words = line.rstrip("\n").split(" ", 3)
            found[name] = (verdict, words, room)
        raise RuntimeError("the reader died")
