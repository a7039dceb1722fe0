# SPDX-License-Identifier: ISC
"""A stand-in for postern-tls, and a client, for tests of postern-smtpd: the
service can be told to misbehave in every way there is."""
import os
import socket
import ssl
import subprocess
import threading


def block(*records):
    """A word of lib/pure/handover.h; no record: ready."""
    text = b"".join(r + b"\0" for r in records)
    return b"%04x" % len(text) + text


READY = block()


def certificate(folder, name="server"):
    """A key and a certificate of its own; returns their paths."""
    cert, key = f"{folder}/{name}.crt", f"{folder}/{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", f"/CN={name}.example", "-keyout", key, "-out", cert],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return cert, key


class Service:
    """Listens at FOLDER/tls and serves every connection as `ready`, `status`
    and `linger` say."""

    def __init__(self, folder, cert, key):
        os.makedirs(folder, exist_ok=True)
        self.path = f"{folder}/tls"
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(cert, key)
        self.reset()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(16)
        threading.Thread(target=self.accept, daemon=True).start()

    def reset(self):
        self.ready = READY      # said at once; None: nothing
        self.hang_up = 0        # so many connections end behind it
        self.status = None      # octets instead of the true status
        self.extra = []         # records more in the true one
        self.requests = []
        self.connections = 0
        self.gone = threading.Event()   # a connection was hung up

    def close(self):
        self.listener.close()
        os.unlink(self.path)

    def accept(self):
        while True:
            try:
                asker, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(asker,), daemon=True).start()

    def serve(self, asker):
        try:
            if self.ready is not None:
                asker.sendall(self.ready)
            if self.hang_up:
                self.hang_up -= 1
                asker.close()
                self.gone.set()
                return
            request, fds, _, _ = socket.recv_fds(asker, 2048, 1)
            self.requests.append(request)
            if not fds:
                return
            client = socket.socket(fileno=fds[0])
            if self.status is not None:
                asker.sendall(self.status)
                client.close()
                asker.close()
                return
            self.session(asker, client)
        except OSError:
            pass

    def session(self, asker, client):
        try:
            client.settimeout(20)
            inside = self.context.wrap_socket(client, server_side=True)
        except OSError as error:
            asker.sendall(block(b"Eno handshake: " + type(error).__name__.encode()))
            asker.close()
            client.close()
            return
        asker.sendall(block(b"V" + inside.version().encode(),
                            b"K" + inside.cipher()[0].encode(), *self.extra))
        Pump(asker, inside)


class Pump:
    """Passes octets between a session and its client. One thread alone may use
    an SSL object, so the two take turns."""

    def __init__(self, asker, inside):
        import select
        inside.setblocking(False)
        reading = True
        while True:
            want = [asker] + ([inside] if reading else [])
            if not (reading and inside.pending()):
                select.select(want, [], [], 20)
            if reading:
                try:
                    text = inside.recv(65536)
                    if text:
                        asker.sendall(text)
                    else:
                        reading = False
                except (ssl.SSLWantReadError, BlockingIOError):
                    pass
                except OSError:
                    reading = False
                if not reading:
                    asker.shutdown(socket.SHUT_WR)
            try:
                text = asker.recv(65536, socket.MSG_DONTWAIT)
            except BlockingIOError:
                continue
            except OSError:
                text = b""
            if not text:
                break
            inside.setblocking(True)
            inside.sendall(text)
            inside.setblocking(False)
        inside.settimeout(2)
        try:
            inside.unwrap()
        except OSError:
            pass
        inside.close()
        asker.close()


class Client:
    """A postern-smtpd, and the client's end of its socket."""

    def __init__(self, smtpd, log, *arguments, env=None, client="192.0.2.7"):
        us, them = socket.socketpair()
        environ = dict(os.environ, **(env or {}))
        if client:
            environ["TCPREMOTEIP"] = client
        self.process = subprocess.Popen([smtpd, *arguments], stdin=them, stdout=them,
                                        stderr=log, env=environ)
        them.close()
        us.settimeout(20)
        self.socket = us
        self.rest = b""

    def send(self, text):
        self.socket.sendall(text)

    def line(self):
        while b"\n" not in self.rest:
            more = self.socket.recv(65536)
            if not more:
                return ""
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode("latin-1").rstrip("\r")

    def reply(self):
        """The lines of a reply; none at the end."""
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return lines

    def say(self, text):
        self.send(text.encode("latin-1") + b"\r\n")
        return self.reply()

    def ehlo(self):
        return [line[4:].split(" ")[0] for line in self.say("EHLO c.example")]

    def shake(self, context=None):
        context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket, do_handshake_on_connect=False)
        self.socket.do_handshake()

    def starttls(self):
        assert self.reply()[0].startswith("220 "), "no greeting"
        assert "STARTTLS" in self.ehlo(), "STARTTLS is not offered"
        assert self.say("STARTTLS")[0].startswith("220 2.0.0 "), "no 220"
        self.shake()

    def left(self):
        """All that still comes."""
        text = self.rest
        self.rest = b""
        try:
            while True:
                more = self.socket.recv(65536)
                if not more:
                    break
                text += more
        except OSError:
            pass
        return text

    def end(self):
        """Closes, and returns the exit code."""
        self.socket.close()
        return self.process.wait(30)
