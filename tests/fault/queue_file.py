#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Reads queue files by queue/README alone: a second implementation, so that
the tests do not believe the code that they test.

    queue_file.py check FILE...     exit 0 when every one is whole
    queue_file.py text FILE         the message text
    queue_file.py envelope FILE     the records, one a line
"""

import sys


def _table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


_TABLE = _table()


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    table = _TABLE
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


class Damaged(Exception):
    pass


def parse(data):
    """Returns (text, [(letter, value)], journal lines)."""
    head = data[:128].decode("latin-1")
    lines = head.split("\n")
    if len(head) != 128 or len(lines) != 6 or lines[0] != "postern-queue 1":
        raise Damaged("header")
    words = [line.split(" ") for line in lines]
    if [w[0] for w in words[1:5]] != ["size", "envelope", "arrival", "checksums"]:
        raise Damaged("header words")
    if int(words[4][3], 16) != crc32c(data[:119]):
        raise Damaged("header checksum")
    size, length = int(words[1][1]), int(words[2][1])
    if 128 + size + length > len(data):
        raise Damaged("shorter than its header says")
    text = data[128 : 128 + size]
    envelope = data[128 + size : 128 + size + length]
    if crc32c(text) != int(words[4][1], 16):
        raise Damaged("text checksum")
    if crc32c(envelope) != int(words[4][2], 16):
        raise Damaged("envelope checksum")
    records = []
    at = 0
    while at < len(envelope):
        colon = envelope.index(b":", at)
        end = colon + 1 + int(envelope[at:colon])
        if envelope[end : end + 1] != b",":
            raise Damaged("netstring")
        record = envelope[colon + 1 : end]
        records.append((record[:1].decode(), record[1:]))
        at = end + 1
    journal = data[128 + size + length :].split(b"\n")[:-1]
    return text, records, journal


def read(path):
    with open(path, "rb") as file:
        return parse(file.read())


def main():
    what, paths = sys.argv[1], sys.argv[2:]
    for path in paths:
        text, records, _ = read(path)
        if what == "text":
            sys.stdout.buffer.write(text)
        if what == "envelope":
            for letter, value in records:
                sys.stdout.buffer.write(letter.encode() + value + b"\n")


if __name__ == "__main__":
    main()
