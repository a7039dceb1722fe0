# SPDX-License-Identifier: ISC
"""Small disks for tests: made in a file in memory, mounted, taken away."""

import os
import subprocess
import time

MAKE = {
    "tmpfs": None,
    "ext4": ["mkfs.ext4", "-q", "-F", "-m", "0"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
    "btrfs": ["mkfs.btrfs", "-q", "-f"],
}


def shell(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


class Disk:
    """A file system of its own, mounted on `path` while it is there."""

    def __init__(self, folder, kind, size, make=(), options=""):
        self.path, self.image = folder + "/disk", folder + "/image"
        os.makedirs(self.path, exist_ok=True)
        if kind == "tmpfs":
            self.there = shell("mount", "-t", "tmpfs", "-o", "size=%d%s" % (size, options), "tmpfs", self.path)
            return
        with open(self.image, "wb") as file:
            file.truncate(size)
        self.there = shell(*MAKE[kind], *make, self.image) and self.mount(self.image, options)

    def mount(self, image, options=""):
        return shell("mount", "-o", "loop" + options, image, self.path)

    def device(self):
        with open("/proc/mounts") as mounts:
            return [line.split()[0] for line in mounts if line.split()[1] == self.path][-1]

    def close(self):
        """Takes it away, as soon as nobody has anything open there."""
        for _ in range(200):
            if not os.path.ismount(self.path):
                break
            if not shell("umount", self.path):
                time.sleep(0.05)
        if os.path.exists(self.image):
            os.unlink(self.image)


def queue_on(world, disk):
    """An empty queue on a disk, in a world of queue_faults."""
    world.queue = disk.path + "/queue"
    for room in "", "/tmp", "/new", "/cur", "/hold", "/failed":
        os.makedirs(world.queue + room, exist_ok=True)
    if os.path.islink(world.dir + "/queue"):
        os.unlink(world.dir + "/queue")
    os.symlink(world.queue, world.dir + "/queue")
