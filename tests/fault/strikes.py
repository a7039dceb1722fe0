# SPDX-License-Identifier: ISC
"""What is struck, with what, and how the outcome is judged (tests/proof/kill
and errno; a sample of each in tests/fault/test_strike)."""

import collections
import errno
import os
import shutil
import signal

import faults
import queue_file

# How a message comes to the program that is struck: (title, way, program,
# control files).
Way = collections.namedtuple("Way", "title way program control")
WAYS = [
    Way("queue, directory order", "by_queue", "queue", {"sync": "dir"}),
    Way("queue, file order", "by_queue", "queue", {"sync": "file"}),
    Way("smtpd", "by_smtpd", "smtpd", {}),
    Way("queue under smtpd", "by_smtpd", "queue", {}),
    Way("rewrite under smtpd", "by_smtpd", "rewrite", {"aliases": "team: l0"}),
    Way("send", "by_send", "send", {}),
    Way("local", "by_send", "local", {}),
    Way("remote", "by_send", "remote", {}),
    Way("bounce", "by_send", "bounce", {}),
    Way("queue under bounce", "by_send", "queue", {}),
]

# Of the calls for the message of 1 MiB to 100 every n-th is struck.
LARGE = int(os.environ.get("LARGE", "5"))

# One run: the k-th call of the way's program, and what is done to it.
Case = collections.namedtuple("Case", "way mail k fault")
Outcome = collections.namedtuple("Outcome", "case call problems twice")


def run(way, mail, strike, env=None):
    """A clean world, with the message in it. Returns the run, whether the
    message was taken, and the last reply."""
    world = faults.world
    for name in "sync", "aliases", "tlscert", "tlskey", "logins", "senders":
        world.unset(name)
    for name, line in way.control.items():
        world.set(name, line)
    world.clean()
    return getattr(world, way.way)(mail, ["-p", "postern-" + way.program, *strike], env)


def calls_of(job):
    """The names of the calls of a run that nothing befalls."""
    way, mail = job
    done, taken, _ = run(way, mail, ["-k", "0"])
    problems, twice = faults.balance(faults.world, mail, taken)
    assert taken and not problems and not twice, (way.title, mail, problems)
    return [c.name for c in done.calls]


def first_own(names):
    """Where the dynamic loader has done its work: it ends with prlimit64. The
    index of the call behind it; 0 for a static program."""
    return names.index("prlimit64") + 1 if "prlimit64" in names[:200] else 0


# --- what may happen twice ---------------------------------------------------

# The calls that make a message another's: behind them a program may fail to
# say so, and what was done is done again.
NO_RETURN = {"local": ("link", "linkat", "rename", "renameat2"), "queue": ("linkat", "link", "renameat2"),
             "bounce": ("vfork", "clone")}


def may_repeat(case, done):
    """Is there a recipient who was served without anybody knowing? Of send
    and smtpd see judge_marks: they are not in the table."""
    program = case.way.program
    if case.way.way != "by_send":
        return False
    if program == "remote":
        return bool(faults.world.hop.taken)
    return program == "send" or any(c.name in NO_RETURN[program] and c.result != -1 for c in done.calls)


def marked():
    """The recipients that a queue file of ours says are done."""
    done = set()
    for path in faults.world.ours("new", "cur"):
        try:
            _, records, journal = queue_file.read(path)
        except (queue_file.Damaged, FileNotFoundError):
            continue
        names = [value.decode() for letter, value in records if letter == "T"]
        for line in journal:
            words = line.split(b" ")
            if len(words) > 3 and words[1] in (b"d", b"f", b"D", b"R"):
                done.add(names[int(words[3])])
    return done


# --- the judges ---------------------------------------------------------------


def reply_fits(case, taken, final):
    if case.way.way in ("by_smtpd", "by_tls") and not taken and final and not final.startswith("4"):
        return ["smtpd says %s" % final]
    return []


def settle(case, done, taken):
    """Does the rest, and finds out who was served twice that should not."""
    world = faults.world
    before = faults.Books(world, case.mail).everybody()
    known = marked()
    repeat = may_repeat(case, done)
    problems, twice = faults.balance(world, case.mail, taken)
    books = faults.Books(world, case.mail)
    after = books.everybody()
    problems += ["done, and done again: " + r for r in known if r in after and after[r] != max(before[r], 1)]
    problems += ["told of a failure that was none: " + r for r in books.told if r not in books.mail.nobody]
    if twice and not repeat:
        problems.append("%d served twice" % twice)
    return problems, twice


def kill(case):
    """SIGKILL in front of the call."""
    done, taken, final = run(case.way, case.mail, ["-k", str(case.k), "-f", "kill"])
    struck = done.struck()
    problems, twice = settle(case, done, taken)
    problems += reply_fits(case, taken, final)
    if not struck and not taken:
        problems.append("not struck, and not taken: %s" % done.ends)
    return Outcome(case, struck and struck.name, problems, twice)


# What a signal, or stop and go on, can interrupt although nobody handles it
# (signal(7)), and what postern-queue, which may be anybody's child, asks again.
RESTARTED = """read write recvmsg sendmsg recvfrom sendto poll ppoll epoll_wait epoll_pwait wait4""".split()
QUEUE_RESTARTED = RESTARTED + """pread64 pwrite64 fsync linkat link unlink getrandom fstatfs""".split()

DISK = ["EIO", "ENOMEM", "ESTALE"]
SPACE = ["ENOSPC", "EDQUOT", "EROFS"]
NAMES = ["EACCES", "ENOENT"]  # of what is there ENOENT would be a lie
TABLE = ["EMFILE", "ENFILE", "ENOMEM"]

# Which call can return what.
ERRORS = {
    "open": DISK + SPACE + NAMES[:1] + TABLE[:2] + ["EINTR"],
    "openat": DISK + SPACE + NAMES[:1] + TABLE[:2] + ["EINTR", "EEXIST"],
    "read": DISK + ["EINTR", "ECONNRESET"],
    "pread64": DISK + ["EINTR"],
    "write": DISK + SPACE[:2] + ["EINTR", "EFBIG", "EPIPE", "ECONNRESET"],
    "writev": DISK + SPACE[:2] + ["EINTR", "EFBIG", "EPIPE", "ECONNRESET"],
    "pwrite64": DISK + SPACE[:2] + ["EINTR", "EFBIG"],
    "fsync": DISK + SPACE + ["EINTR"],
    "fdatasync": DISK + SPACE + ["EINTR"],
    "syncfs": DISK + SPACE[:2],
    "link": DISK + SPACE + NAMES + ["EEXIST", "EINTR"],
    "linkat": DISK + SPACE + NAMES + ["EEXIST", "EINTR"],
    "rename": DISK + SPACE + NAMES,
    "renameat": DISK + SPACE + NAMES,
    "renameat2": DISK + SPACE + NAMES + ["EEXIST"],
    "unlink": DISK + ["EACCES", "EROFS"],
    "unlinkat": DISK + ["EACCES", "EROFS"],
    "mkdir": DISK + SPACE + ["EACCES"],
    "mkdirat": DISK + SPACE + ["EACCES"],
    "ftruncate": DISK + SPACE + ["EINTR"],
    "fallocate": DISK + SPACE + ["EINTR"],
    "stat": DISK + NAMES[:1],
    "fstat": DISK,
    "newfstatat": DISK + NAMES[:1],
    "statx": DISK + NAMES[:1],
    "statfs": DISK,
    "fstatfs": DISK,
    "access": DISK + NAMES[:1],
    "faccessat": DISK + NAMES[:1],
    "faccessat2": DISK + NAMES[:1],
    "getdents64": DISK,
    "flock": ["EINTR", "ENOMEM"],
    "mmap": ["ENOMEM", "ENFILE"],
    "mremap": ["ENOMEM"],
    "mprotect": ["ENOMEM"],
    "pipe2": TABLE,
    "socket": TABLE,
    "socketpair": TABLE,
    "dup": ["EMFILE"],
    "fcntl": ["EMFILE"],
    "epoll_create1": TABLE,
    "epoll_ctl": ["ENOMEM", "ENOSPC"],
    "inotify_init1": TABLE,
    "inotify_add_watch": ["ENOMEM", "ENOSPC", "EACCES"],
    "connect": ["EINTR", "EAGAIN", "ENOMEM", "EACCES"],
    "recvmsg": ["EINTR", "ENOMEM", "ECONNRESET"],
    "recvfrom": ["EINTR", "ENOMEM", "ECONNRESET"],
    "sendmsg": ["EINTR", "ENOMEM", "ECONNRESET", "EPIPE"],
    "sendto": ["EINTR", "ENOMEM", "ECONNRESET", "EPIPE"],
    "poll": ["EINTR", "ENOMEM"],
    "ppoll": ["EINTR", "ENOMEM"],
    "epoll_wait": ["EINTR"],
    "epoll_pwait": ["EINTR"],
    "vfork": ["EAGAIN", "ENOMEM"],
    "clone": ["EAGAIN", "ENOMEM"],
    "fork": ["EAGAIN", "ENOMEM"],
    "execve": DISK[:2] + NAMES + TABLE[:2],
    "wait4": ["EINTR"],
    "getrandom": ["EINTR", "EAGAIN"],
}


def number(name):
    return getattr(errno, name)


# A crash that is not ours: OpenSSL 3.0, without memory when it begins, takes a
# lock that it could not make (EVP_MAC_fetch). That exchange ends, and smtpd says
# 454, which is judged as always.
EXCUSED = {("postern-auth", "stay"), ("postern-auth", "once")}


def sound(done, case):
    """Nobody may crash, whatever the kernel says."""
    for program, status in done.ends:
        if (program, case.fault) in EXCUSED:
            continue
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) not in (signal.SIGKILL, signal.SIGTERM):
            if not is_loading(done):
                yield "%s died of signal %d" % (program, os.WTERMSIG(status))
    if case.way.way == "by_queue" and done.code not in (0, 11, 31, 51, 52, 53, 54, 55, 61, 62, 63, 81, 91):
        if not is_loading(done):
            yield "exit %d" % done.code


def is_loading(done):
    """Was it struck before its main?"""
    struck = done.struck()
    names = [c.name for c in done.calls]
    return bool(struck) and struck.k <= max(first_own(names), 4)


def fail(case):
    """The call fails with an error, or does the least it may."""
    name = case.fault
    fault = "short" if name == "short" else "errno=%d" % number(name)
    done, taken, final = run(case.way, case.mail, ["-k", str(case.k), "-f", fault])
    struck = done.struck()
    call = struck and struck.name
    problems = list(sound(done, case))
    if case.way.way == "by_queue" and not taken and faults.world.ours("new", "tmp"):
        problems.append("not taken, and left: %s" % faults.world.ours("new", "tmp"))
    first = faults.world.ours("new", "cur")
    more, twice = settle(case, done, taken)
    problems += more + reply_fits(case, taken, final)
    again = QUEUE_RESTARTED if case.way.program == "queue" else RESTARTED
    if name == "short" or (name == "EINTR" and call in again and not is_loading(done)):
        if not taken or twice or (case.way.way == "by_send" and not only_report(first)):
            problems.append("a call that was cut short was not made again")
    return Outcome(case, call, problems, twice)


def only_report(files):
    """What is left of one pass is at most the report to the sender."""
    return all(not f.endswith("0123456789abcdefghijklv0") for f in files)


# --- what is on the disk ------------------------------------------------------

O_CREAT, O_TMPFILE, O_DIRECTORY = 0o100, 0o20000000, 0o200000


def at_risk(calls, brings_name):
    """What a power cut behind these calls may take away, after the calls that
    were really made: octets, and names. With brings_name the fsync of a file
    brings its name along, as queue/README says of some file systems."""
    opened = {}  # descriptor -> (is it a file that is written, path)
    octets, names = set(), {}
    for call in calls:
        if call.result is None or call.result < 0:
            continue
        if call.name in ("open", "openat"):
            flags = call.args[2] if call.name == "openat" else call.args[1]
            written = flags & O_CREAT or flags & O_TMPFILE == O_TMPFILE
            opened[call.result] = (bool(written), call.paths[0])
        elif call.name in ("write", "pwrite64") and opened.get(call.args[0], (False,))[0]:
            octets.add(call.args[0])
        elif call.name in ("link", "linkat", "rename", "renameat2"):
            room, _, _ = call.paths[1].rpartition("/")
            names[call.paths[1]] = room or opened.get(call.args[2], (False, "?"))[1]
        elif call.name in ("fsync", "fdatasync") and call.mark == "-":
            written, path = opened.get(call.args[0], (False, "?"))
            octets.discard(call.args[0])
            names = {n: room for n, room in names.items() if room != path and not (written and brings_name)}
        elif call.name == "close":
            # its octets may still be at risk, under no number that comes again
            if call.args[0] in octets:
                octets.remove(call.args[0])
                octets.add((call.args[0], call.k))
            opened.pop(call.args[0], None)
    return ["octets of descriptor %s" % (fd,) for fd in octets] + ["the name " + n for n in names]


def until_promise(way, calls):
    """The calls up to the moment when others count on the message."""
    if way.program != "local":
        return calls
    at = next(i for i, c in enumerate(calls) if c.name in ("sendmsg", "sendto") and c.args[0] == 0)
    return calls[:at]


def lie(job):
    """Returns what is at risk at the promise: (as things are, when every
    fsync lies)."""
    way, mail = job
    found = []
    for strike in (["-k", "0"], ["-n", "fsync,fdatasync,syncfs", "-f", "lie"]):
        done, _, _ = run(way, mail, strike)
        found.append(at_risk(until_promise(way, done.calls), way.control.get("sync") == "file"))
    return found


def lies(pool):
    """Yields (way, problems): a message is safe when it is promised, and where
    fsync lies the check says that it is not."""
    ways = [way for way in WAYS if way.title in ("queue, directory order", "queue, file order", "local")]
    for way, (honest, lying) in zip(ways, pool.map(lie, [(way, "small") for way in ways])):
        problems = ["at risk: " + what for what in honest]
        if not lying:
            problems.append("an fsync that lies was not noticed")
        yield way, problems


# --- memory -------------------------------------------------------------------

NOMEM = faults.BUILD + "/tests/nomem.so"
# Of the allocations of each, so many at most: OpenSSL makes thousands.
MOST = int(os.environ.get("MOST", "200"))
MEMORY_WAYS = [way for way in WAYS if way.program in ("send", "local", "remote", "bounce")] + [
    Way("tls", "by_tls", "tls", {}),
    Way("auth", "by_tls", "auth", {}),
]



def without_memory(case):
    """The k-th allocation of the program fails; with fault "stay" all later
    ones too. Returns the outcome, its call the number of allocations."""
    world = faults.world
    count = world.path("count")
    with open(count, "wb") as file:
        file.write(bytes(8))
    env = {
        "LD_PRELOAD": NOMEM,
        "NOMEM_PROGRAM": "postern-" + case.way.program,
        "NOMEM_AT": str(case.k),
        "NOMEM_COUNT": count,
    }
    if case.fault == "stay":
        env["NOMEM_STAY"] = "1"
    done, taken, final = run(case.way, case.mail, ["-n", "none"], env)
    with open(count, "rb") as file:
        allocations = int.from_bytes(file.read(), "little")
    problems = list(sound(done, case))
    more, twice = settle(case, done, taken)
    if not case.k and not taken:
        problems.append("not taken: %s" % final)
    return Outcome(case, allocations, problems + more + reply_fits(case, taken, final), twice)


# --- do the books notice? -------------------------------------------------------


def lose(world):
    os.unlink(world.ours("new")[0])


def cut(world):
    """Of the text itself, with checksums that fit: as if a part had been
    taken for the whole."""
    shutil.copyfile(world.dir + "/saved/empty", world.ours("new")[0])


def change_another(world):
    with open(world.path(next(iter(world.others))), "ab") as file:
        file.write(b"x")


def deliver_twice(world):
    (path,) = world.ours("new")
    shutil.copyfile(path, path[:-1] + ("0" if path[-1] != "0" else "1"))


def plant(harm):
    """What the books say when a message has come to harm."""
    _, taken, _ = run(WAYS[0], "small", ["-k", "0"])
    harm(faults.world)
    problems, twice = faults.balance(faults.world, "small", taken)
    return problems or ["twice"] * twice


PLANTED = [lose, cut, change_another, deliver_twice]


# --- all cases ------------------------------------------------------------------


def kill_cases(pool, step=1):
    """In front of every call; those of the dynamic loader with one message
    only, and of the long one, whose calls repeat themselves, every fifth."""
    jobs = [(way, mail) for way in WAYS for mail in faults.MAILS]
    for (way, mail), names in zip(jobs, pool.map(calls_of, jobs)):
        begin = 0 if mail == "small" else first_own(names)
        # send's number of calls differs from run to run
        end = len(names) + (len(names) // 20 if way.program == "send" else 0)
        for k in range(begin + 1, end + 1, step * (LARGE if mail == "large" else 1)):
            yield Case(way, mail, k, "kill")


def error_cases(pool, step=1):
    """All faults of all calls of the small message; those of the dynamic
    loader are not ours."""
    jobs = [(way, "small") for way in WAYS]
    for (way, mail), names in zip(jobs, pool.map(calls_of, jobs)):
        for at in range(first_own(names), len(names), step):
            for error in ERRORS.get(names[at], ()):
                yield Case(way, mail, at + 1, error)
            if names[at] in ("read", "write", "pread64", "pwrite64"):
                yield Case(way, mail, at + 1, "short")


def memory_cases(pool, step=1):
    dry = pool.map(without_memory, [Case(way, "small", 0, "once") for way in MEMORY_WAYS])
    for way, outcome in zip(MEMORY_WAYS, dry):
        assert outcome.call and not outcome.problems, (way, outcome)
        for k in spread(range(1, outcome.call + 1, step), MOST):
            yield Case(way, "small", k, "once")
            yield Case(way, "small", k, "stay")

def spread(points, most):
    """At most so many of them, evenly."""
    if most and len(points) > most:
        return [points[i * len(points) // most] for i in range(most)]
    return points


def tell(outcome):
    case = outcome.case
    for problem in outcome.problems:
        faults.note("%s, %s, %s at %d (%s): %s" % (case.way.title, case.mail, case.fault, case.k, outcome.call, problem))


def proof(what, judge, cases, before=lambda pool: 0):
    """The whole of a proof (tests/proof/run). `before` returns how many
    things were wrong that it said. Returns the exit code."""
    why = faults.ready()
    if why:
        faults.note(why)
        return 77
    total = collections.defaultdict(collections.Counter)
    again = collections.Counter()  # behind which call something came twice
    pool = faults.Pool()
    try:
        bad = before(pool)
        everything = list(cases(pool, int(os.environ.get("STEP", "1"))))
        faults.note("%d runs" % len(everything))
        for n, outcome in enumerate(pool.map(judge, everything)):
            total[outcome.case.way.title].update(
                struck=outcome.call is not None, twice=outcome.twice > 0, wrong=bool(outcome.problems)
            )
            again.update([outcome.call] if outcome.twice else [])
            bad += bool(outcome.problems)
            tell(outcome)
            if n % 500 == 499:
                faults.note("%d of %d" % (n + 1, len(everything)))
    finally:
        pool.close()
    for title, n in total.items():
        faults.row(what + ": " + title, "%(struck)d, %(twice)d with a second copy, %(wrong)d wrong" % n)
    if what != "no memory" and again:
        faults.row("a second copy behind", ", ".join("%s %d" % kind for kind in again.most_common()))
    faults.row(what + ": all", "%d, %d wrong" % (sum(n["struck"] for n in total.values()), bad))
    return 1 if bad else 0
