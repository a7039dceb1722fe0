# SPDX-License-Identifier: ISC
# What tests/shell/test_mime7 needs: messages, and a reader of them that is not
# ours.
import email
import os
import subprocess
from email import policy

TOOL = os.environ["TO7BIT"]
HEAD = b"Received: from x\r\n\tby y\r\nMIME-Version: 1.0\r\n"


def convert(message, piece=None):
    """The 7-bit message, or None when it is refused."""
    args = [TOOL] + (["-p", str(piece)] if piece else [])
    p = subprocess.run(args, input=message, capture_output=True)
    if p.returncode == 2:
        assert p.stdout == b""
        return None
    assert p.returncode == 0, p
    assert max(p.stdout, default=0) < 128
    return p.stdout


def parse(message):
    return email.message_from_bytes(message, policy=policy.compat32)


def leaves(m):
    """(type, boundary, octets) of every part, depth first."""
    out = []
    for part in m.walk():
        data = None
        if not part.is_multipart():
            data = part.get_payload(decode=True)
        out.append((part.get_content_type(), part.get_boundary(), data,
                    part.get_filename(), part.preamble, part.epilogue))
    return out


def same(message):
    out = convert(message)
    assert out is not None, message
    a, b = leaves(parse(message)), leaves(parse(out))
    assert a == b, (message, out, a, b)
    limit = max(map(len, message.split(b"\r\n")))
    assert max(map(len, out.split(b"\r\n"))) <= max(limit, 76)
    for part in parse(out).walk():
        coding = str(part.get("Content-Transfer-Encoding", "7bit")).lower()
        if part.is_multipart():
            assert coding not in ("quoted-printable", "base64"), out
    assert convert(out) == out
    return out


def multipart_header(boundary, kind=b"mixed"):
    return b'Content-Type: multipart/' + kind + b'; boundary="' + boundary + b'"'


def multipart(boundary, parts, kind=b"mixed"):
    body = b"".join(b"--" + boundary + b"\r\n" + head + b"\r\n\r\n" + text + b"\r\n"
                    for head, text in parts)
    return (HEAD + multipart_header(boundary, kind) + b"\r\n\r\n" + body +
            b"--" + boundary + b"--\r\n")


def nested(depth):
    return b"Content-Type: message/rfc822\r\n\r\n" * depth + b"\r\n"


def many(headers):
    return multipart(b"b", [(b"", b"\xe4")] * (headers - 1)).replace(
        b"--b\r\n\r\n\r\n", b"--b\r\n\r\n")


def text(random, eight):
    """Lines as strangers send them."""
    alphabet = [b"a", b"From ", b".", b" ", b"\t", b"=", b"--", b"--b", b"\r\n",
                b"\r\n\r\n", b"word" * 9, b"x" * 80]
    if eight:
        alphabet += [b"\xc3\xa4", b"\xff", b"\xc3\xa4" * 40, b"\x01"]
    return b"".join(random.choice(alphabet) for _ in range(random.randrange(60)))


def entity(random, depth, eight=True):
    """A header without MIME-Version, an empty line and a body."""
    kind = random.randrange(6 if depth < 5 else 3)
    body = text(random, eight and random.randrange(3))
    coding = random.choice([b"", b"Content-Transfer-Encoding: 8bit\r\n",
                            b"Content-Transfer-Encoding:\r\n binary (x)\r\n"])
    if kind == 0:
        return (b"Content-Type: text/plain;\r\n charset=utf-8\r\n" + coding +
                b"X-A: b\r\n\r\n" + body)
    if kind == 1:
        return coding + b"Content-Type: APPLICATION/x (\\) ;) ; n=\"a;b\"\r\n\r\n" + body
    if kind == 2:
        return (b"Content-Type: text/html\r\nContent-Transfer-Encoding: "
                b"base64\r\n\r\nAAEC\r\n")
    if kind == 3:
        return (b"Content-Type: message/rfc822\r\n" + coding + b"\r\nSubject: in\r\n" +
                b"MIME-Version: 1.0\r\n" + entity(random, depth + 1, eight))
    boundary = b"%d.%d" % (depth, random.randrange(1000))
    parts = [entity(random, depth + 1, eight) for _ in range(random.randrange(1, 4))]
    body = b"".join(b"--" + boundary + b"\r\n" + p + b"\r\n" for p in parts)
    return (b"Content-Type: multipart/mixed;\r\n\tboundary=\"" + boundary +
            b"\"\r\n" + coding + b"\r\npreamble\r\n" + body + b"--" + boundary +
            b"--\r\n" + random.choice([b"", b"epilogue\r\n"]))
