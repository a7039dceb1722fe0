# SPDX-License-Identifier: ISC
"""A private world for a proof: its control files, its programs, its figures.

Everything lies in one directory of /dev/shm and is gone when the proof ends.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

failures = []


def note(text):
    """How far it is."""
    print(text, file=sys.stderr, flush=True)


def say(what, figures):
    """A line of the table."""
    print("%s\t%s" % (what, figures), flush=True)


def check(good, what):
    """A promise: when it is not kept, the proof fails in the end."""
    if not good:
        failures.append(what)
        note("NOT TRUE: " + what)
    return good


def verdict():
    for what in failures:
        say("NOT TRUE", what)
    return 1 if failures else 0


def knob(name, default):
    return int(os.environ.get(name, default))


def wait_for(condition, seconds, pause=0.01):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def middle(figures):
    """The median."""
    ordered = sorted(figures)
    return ordered[len(ordered) // 2]


class World:
    def __init__(self, build, name, **control):
        self.build = build
        self.home = tempfile.mkdtemp(prefix="postern-%s-" % name, dir="/dev/shm")
        self.env = dict(os.environ, POSTERN_HOME=self.home)
        self.children = []
        os.mkdir(self.home + "/control")
        self.control(me="mail.example.org", **control)
        self.run("send", "-1")

    def control(self, **files):
        for name, value in files.items():
            lines = value if isinstance(value, list) else [value]
            with open("%s/control/%s" % (self.home, name), "w", encoding="ascii") as file:
                file.write("".join("%s\n" % line for line in lines))

    def path(self, name):
        return name if "/" in name else "%s/bin/postern-%s" % (self.build, name)

    def tool(self, name, *args, **more):
        return subprocess.run(
            ["%s/tests/%s" % (self.build, name), *map(str, args)], env=self.env, check=True, **more
        )

    def log(self):
        return open(self.home + "/log", "ab")

    def run(self, name, *args, **more):
        with self.log() as log:
            return subprocess.run(
                [self.path(name), *args], env=self.env, stderr=log, stdin=subprocess.DEVNULL, **more
            ).returncode

    def start(self, name, *args, **more):
        with self.log() as log:
            child = subprocess.Popen(
                [self.path(name), *map(str, args)],
                env=self.env,
                stderr=log,
                stdin=subprocess.DEVNULL,
                **more,
            )
        self.children.append(child)
        return child

    def stop(self, child, seconds=60):
        child.terminate()
        self.children.remove(child)
        try:
            return child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            check(False, "%s ends after SIGTERM" % child.args[0])
            return child.wait()

    def logged(self):
        with open(self.home + "/log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def queued(self, *rooms):
        """The names that lie in the queue."""
        names = []
        for room in rooms or ("new", "cur", "hold", "failed"):
            folder = "%s/queue/%s" % (self.home, room)
            names += os.listdir(folder) if os.path.isdir(folder) else []
        return names

    def __enter__(self):
        return self

    def __exit__(self, *why):
        for child in self.children:
            child.send_signal(signal.SIGKILL)
            child.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def of_process(pid, key):
    """A figure of /proc/PID/status: kilobytes, or a count."""
    with open("/proc/%d/status" % pid, encoding="ascii") as file:
        for line in file:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    return 0


def cpu_us(pid):
    """Microseconds that the process was on a processor."""
    with open("/proc/%d/schedstat" % pid, encoding="ascii") as file:
        return int(file.read().split()[0]) / 1000
