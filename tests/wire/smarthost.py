# SPDX-License-Identifier: ISC
"""An SMTP server that wants a login, and is as strict about it as can be.

    python3 smarthost.py DIR [WORD=VALUE ...]   writes DIR/port, and DIR/lines

    host = Smarthost(mechanisms="PLAIN LOGIN", ...)     listens, host.port
    host.logins   the (mechanism, user) of the logins that were right
    host.lines    every line of the client
    host.wrong    what a client did that no client may do; must stay empty

Users and their passwords or tokens are in USERS. Further words choose what it
does instead of what it should:

    refuse=TEXT        this reply instead of 235
    echo=True          535 that repeats the client's last line
    prompt=BYTES       this line instead of the first challenge
    endless=True       challenges without an end
    twist=WORD         of SCRAM: signature, silent, few, many, nonce, mandatory,
                       error
    needs=True         530 to MAIL without a login; needs=TEXT: that reply
    offer=TEXT         this line of EHLO instead of AUTH and the mechanisms
    tls=CONTEXT        STARTTLS; AUTH is offered behind it alone
    implicit=CONTEXT   TLS from the first octet on
"""
import base64
import hashlib
import hmac
import json
import os
import re
import socket
import sys
import threading

USERS = {
    "box@example.org": b"a-password-of-tests",
    "a,b=c": b"another, with = and \xc3\xa4",
    "other@example.org": b"the-other-password",
    "token@example.org": b"ya29." + b"t" * 300,
    "long@example.org": b"L" * 12000 + b"--end",
}
SALT = b"sixteen octets.."


def b64(data):
    return base64.b64encode(data).decode()


class Wrong(Exception):
    """The client did what no client may do."""


class Refused(Exception):
    pass


class Session:
    def __init__(self, host, conn):
        self.host, self.conn = host, conn
        self.inbox = b""
        self.user = None
        self.covered = False

    # --- lines -----------------------------------------------------------

    def say(self, text):
        self.conn.sendall(text.encode("latin-1") + b"\r\n")

    def line(self):
        while b"\n" not in self.inbox:
            got = self.conn.recv(65536)
            if not got:
                raise EOFError
            self.inbox += got
        line, self.inbox = self.inbox.split(b"\n", 1)
        if not line.endswith(b"\r"):
            raise Wrong("a bare LF")
        text = line[:-1].decode("latin-1")
        self.host.lines.append(text)
        return text

    def decode(self, text):
        if text == "=":
            return b""
        if not re.fullmatch(r"(?:[A-Za-z0-9+/]{4})*"
                            r"(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", text):
            raise Wrong(f"no base64: {text[:80]}")
        return base64.b64decode(text, validate=True)

    def ask(self, challenge):
        """Sends a challenge, returns the answer."""
        if self.host.prompt is not None:
            challenge, self.host.prompt = self.host.prompt, None
            self.conn.sendall(b"334 " + challenge + b"\r\n")
        else:
            self.say("334 " + b64(challenge))
        text = self.line()
        if text == "*":
            self.say("501 5.7.0 taken back")
            raise Refused
        if self.host.endless:
            return self.ask(challenge)
        return self.decode(text)

    # --- mechanisms: each returns the user -------------------------------

    def check(self, user, secret):
        if not hmac.compare_digest(USERS.get(user, b"?"), secret):
            self.say("535 5.7.8 Error: authentication failed")
            raise Refused
        return user

    def plain(self, first):
        parts = (first if first is not None else self.ask(b"")).split(b"\0")
        if len(parts) != 3 or parts[0]:
            raise Wrong("no message of PLAIN")
        return self.check(parts[1].decode(), parts[2])

    def login(self, first):
        if first is not None:
            raise Wrong("AUTH LOGIN with a first message")
        user = self.ask(b"Username:").decode()
        return self.check(user, self.ask(b"Password:"))

    def cram(self, first):
        if first is not None:
            raise Wrong("AUTH CRAM-MD5 with a first message")
        challenge = b"<1896.697170952@postoffice.example>"
        user, digest = self.ask(challenge).decode().rsplit(" ", 1)
        want = hmac.new(USERS.get(user, b"?"), challenge, "md5").hexdigest()
        if digest != want:
            self.check(user, b"")
        return user

    def scram(self, first, binding=None):
        first = (first if first is not None else self.ask(b"")).decode()
        flag = "p=" + binding[0] if binding else "[ny]"
        parsed = re.fullmatch(rf"({flag},,)(n=((?:[^=,]|=2C|=3D)+),"
                              r"r=([!-+\--~]{18,}))", first)
        if not parsed:
            raise Wrong(f"no client-first: {first}")
        header, bare, user, nonce = parsed.groups()
        user = user.replace("=2C", ",").replace("=3D", "=")
        twist = self.host.twist
        turns = {"few": 4095, "many": 600001}.get(twist, 4096)
        other = "y" if nonce[0] == "x" else "x"
        whole = other + nonce[1:] if twist == "nonce" else nonce
        whole += "server%3D"
        more = "m=please," if twist == "mandatory" else ""
        challenge = f"{more}r={whole},s={b64(SALT)},i={turns}"
        final = self.ask(challenge.encode()).decode()
        plain = header.encode() + (binding[1] if binding else b"")
        start = f"c={b64(plain)},r={whole}"
        if not final.startswith(start + ",p="):
            raise Wrong(f"no client-final: {final}")
        password = USERS.get(user, b"?")
        salted = hashlib.pbkdf2_hmac("sha256", password, SALT, turns)
        key = hmac.digest(salted, b"Client Key", "sha256")
        message = f"{bare},{challenge},{start}".encode()
        signature = hmac.digest(hashlib.sha256(key).digest(), message,
                                "sha256")
        proof = bytes(a ^ b for a, b in zip(key, signature))
        if self.decode(final[len(start) + 3:]) != proof:
            if twist == "error" and self.ask(b"e=invalid-proof") != b"":
                raise Wrong("an answer to the error of SCRAM")
            self.check(user, b"")
        server = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"),
                             message, "sha256")
        if twist == "signature":
            server = bytes(32)
        if twist != "silent" and self.ask(b"v=" + b64(server).encode()) != b"":
            raise Wrong("an answer to the signature")
        return user

    def scram_plus(self, first):
        return self.scram(first, self.host.binding(self.conn))

    def token(self, first, parts, goodbye):
        """The message must be one of those that `parts` makes of a user."""
        message = first if first is not None else self.ask(b"")
        for user, token in USERS.items():
            if message == parts(user.encode(), token):
                return user
        known = [u for u in USERS
                 if message.startswith(parts(u.encode(), b"")[:-2])]
        if not known:
            raise Wrong(f"no message with a token: {message[:80]}")
        reason = json.dumps({"status": "invalid_token", "schemes": "bearer",
                             "scope": "https://mail.example/"})
        if self.ask(reason.encode()) != goodbye:
            raise Wrong("the error was not answered as it should")
        self.say("535 5.7.8 Username and token not accepted")
        raise Refused

    def xoauth2(self, first):
        return self.token(first, lambda u, t: b"user=" + u + b"\1auth=Bearer "
                          + t + b"\1\1", b"")

    def bearer(self, first):
        return self.token(first, lambda u, t: b"n,a=" + u + b",\1host=127.0.0.1"
                          b"\1port=%d\1auth=Bearer " % self.host.port
                          + t + b"\1\1", b"\1")

    MECHANISMS = {"PLAIN": plain, "LOGIN": login, "CRAM-MD5": cram,
                  "SCRAM-SHA-256": scram, "SCRAM-SHA-256-PLUS": scram_plus,
                  "XOAUTH2": xoauth2, "OAUTHBEARER": bearer}

    # --- commands --------------------------------------------------------

    def auth(self, text):
        word = text.split(" ")
        if self.user or len(word) not in (2, 3):
            raise Wrong(f"AUTH in the wrong place or form: {text[:80]}")
        if len(word) == 3 and len(text) + 2 > 512:
            raise Wrong("AUTH with a first message in a line that is too long")
        if word[1] not in self.host.mechanisms.split():
            raise Wrong(f"{word[1]} was not offered")
        if self.host.tls and not self.covered:
            raise Wrong("AUTH before STARTTLS")
        first = self.decode(word[2]) if len(word) == 3 else None
        user = self.MECHANISMS[word[1]](self, first)
        if self.host.echo:
            self.say("535 5.7.8 not with " + self.host.lines[-1][-200:])
        elif self.host.refuse:
            self.say(self.host.refuse)
        else:
            self.user = user
            self.host.logins.append((word[1], user))
            self.say("235 2.7.0 welcome")

    def ehlo(self):
        self.say("250-smart.example")
        self.say("250-PIPELINING")
        if self.host.tls and not self.covered:
            self.say("250-STARTTLS")
        elif self.host.offer is not None:
            self.say("250-" + self.host.offer)
        else:
            self.say("250-AUTH " + self.host.mechanisms)
        self.say("250 ENHANCEDSTATUSCODES")

    def starttls(self):
        if self.inbox:
            raise Wrong("something behind STARTTLS")
        self.say("220 go on")
        self.conn = self.host.tls.wrap_socket(self.conn, server_side=True)
        self.covered = True

    def text(self):
        self.say("354 go on")
        while self.line() != ".":
            pass
        self.host.mails.append(self.user)
        self.say("250 2.0.0 taken")

    def command(self, text):
        verb = text[:4].upper()
        if verb == "EHLO":
            self.ehlo()
        elif verb == "AUTH":
            try:
                self.auth(text)
            except Refused:
                pass
        elif text.upper() == "STARTTLS" and self.host.tls:
            self.starttls()
        elif verb == "MAIL" and self.host.needs and not self.user:
            self.say(self.host.needs if isinstance(self.host.needs, str)
                     else "530 5.7.0 authentication required")
        elif verb == "DATA":
            self.text()
        elif verb in ("MAIL", "RCPT", "RSET"):
            if " AUTH=" in text.upper():
                raise Wrong("AUTH= in a command")  # C-066
            self.say("250 2.1.0 ok")
        else:
            self.say("221 bye" if verb == "QUIT" else "500 5.5.1 what?")
        return verb != "QUIT"

    def run(self):
        if self.host.implicit:
            self.conn = self.host.implicit.wrap_socket(self.conn,
                                                       server_side=True)
            self.covered = True
        self.say("220 smart.example")
        while self.command(self.line()):
            pass


class Smarthost(threading.Thread):
    def __init__(self, mechanisms="PLAIN", refuse=None, echo=False, prompt=None,
                 endless=False, twist=None, needs=True, offer=None, tls=None,
                 implicit=None, binding=None):
        super().__init__(daemon=True)
        self.mechanisms, self.refuse, self.echo = mechanisms, refuse, echo
        self.prompt, self.endless, self.twist = prompt, endless, twist
        self.needs, self.offer, self.tls = needs, offer, tls
        self.implicit, self.binding = implicit, binding
        self.lines, self.logins, self.mails, self.wrong = [], [], [], []
        self.sessions = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.start()

    def serve(self, conn):
        try:
            with conn:
                conn.settimeout(20)
                Session(self, conn).run()
        except Wrong as why:
            self.wrong.append(str(why))
        except (EOFError, OSError):
            pass

    def run(self):
        while True:
            try:
                conn, _ = self.socket.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self.serve, args=(conn,),
                             daemon=True).start()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def put(path, text, mode=0o640):
    with open(path, "wb") as file:
        file.write(text)
    os.chmod(path, mode)


class Kept(list):
    """Lines that are in a file as soon as they come."""

    def __init__(self, path):
        super().__init__()
        self.file = open(path, "a", encoding="latin-1", buffering=1)

    def append(self, line):
        super().append(line)
        self.file.write(line + "\n")


def main():
    """Alone, for tests in shell: what came is written down as it comes."""
    room = sys.argv[1]
    host = Smarthost(**dict(word.split("=", 1) for word in sys.argv[2:]))
    host.lines = Kept(room + "/lines")
    put(room + "/port.new", str(host.port).encode())
    os.rename(room + "/port.new", room + "/port")
    host.join()


if __name__ == "__main__":
    main()
