# SPDX-License-Identifier: ISC
"""What the tests of the jails share: the attacks that a program may make."""

import os
import socket
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
MAY = os.path.join(HERE, "..", "proof", "jail.may")
BARRED = ("killed", "refused")


def allowed():
    """{(program, attack)} of tests/proof/jail.may."""
    found = set()
    with open(MAY, encoding="ascii") as lines:
        for line in lines:
            words = line.split(None, 2)
            if line.startswith("#") or not words:
                continue
            if len(words) < 3:
                raise SystemExit(f"jail.may: no reason: {line.strip()}")
            found.add((words[0], words[1]))
    return found


def may(program, attack, table):
    return (program, attack) in table or ("*", attack) in table


def judge(program, outcomes, table):
    """What is wrong with {attack: outcome} of that program, in words."""
    wrong = []
    for attack, outcome in outcomes.items():
        free = outcome not in BARRED
        if free and not may(program, attack, table):
            wrong.append(f"{program}: {attack}: {outcome}")
        if not free and (program, attack) in table:
            wrong.append(f"{program}: {attack}: jail.may allows it for "
                         f"nothing, it is {outcome}")
    return wrong


def make_world(home):
    """Something worth stealing. Returns a socket that somebody listens at."""
    for name in ("queue/new", "control"):
        os.makedirs(os.path.join(home, name), exist_ok=True)
    for name in ("secret", "victim", "queue/new/victim"):
        with open(os.path.join(home, name), "w", encoding="ascii") as file:
            file.write("secret\n")
        os.chmod(os.path.join(home, name), 0o666)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(home, "socket"))
    listener.listen(128)
    return listener


def programs(tool):
    """The programs that have a row in lib/sys/jail."""
    return subprocess.run([tool], capture_output=True, text=True, timeout=60,
                          check=True).stdout.split()


def attack_all(tool, program, home, wrapper=()):
    """{attack: outcome} inside the jail of that program; None: no jail here."""
    done = subprocess.run([*wrapper, tool, program], capture_output=True, text=True,
                          env={"POSTERN_HOME": home}, timeout=120, check=False)
    if done.returncode == 77:
        return None
    if done.returncode:
        raise SystemExit(f"{tool} {program}: exit {done.returncode}")
    return dict(line.split() for line in done.stdout.splitlines())
