"""A real HTTP server on this machine that fails in the ways that servers and networks fail."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GOOD = ("good",)


class _Handler(BaseHTTPRequestHandler):
    """Serves `server.files[path]`, each request misbehaving as the next entry of `server.plan` says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        server.asked.append((self.path, self.headers.get("Range")))
        kind, *rest = server.plan.pop(0) if server.plan else GOOD
        self.close_connection = True
        if kind == "status":
            self.answer(rest[0], b"", {"Retry-After": str(rest[1])} if len(rest) > 1 else {})
        elif kind == "redirect":
            self.answer(302, b"", {"Location": rest[0].format(port=server.server_port)})
        elif kind == "garbage":
            self.wfile.write(b"\x00\xff not http at all\r\n\r\n")
        elif kind == "hang-up":
            pass
        elif kind == "endless":
            self.endless()
        elif self.path not in server.files:
            self.answer(404, b"")
        else:
            self.file(kind, *rest)

    def file(self, kind: str, *rest: int) -> None:
        body, server = self.server.files[self.path], self.server
        tag = "" if kind == "no-validator" else f'"{hash(body)}{rest[0] if kind == "etag" else ""}"'
        tag = f"W/{tag}" if kind == "weak" else tag
        start, status, headers = 0, 200, {"ETag": tag} if tag else {}
        asked = self.headers.get("Range")
        if asked and self.headers.get("If-Range") == tag and kind != "no-range":
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(body):
                self.answer(416, b"", {"Content-Range": f"bytes */{len(body)}"})
                return
            said = start + 1 if kind == "wrong-range" else start
            status, headers = 206, headers | {"Content-Range": f"bytes {said}-{len(body) - 1}/{len(body)}"}
        elif kind == "part-unasked":
            status, headers = 206, headers | {"Content-Range": f"bytes 5-{len(body) - 1}/{len(body)}"}
        if kind == "corrupt":
            body = body[:-1] + bytes([body[-1] ^ 1])
        if kind == "compressed":
            headers["Content-Encoding"] = "gzip"
        stated = {"short": -10, "long": 10}.get(kind, 0) + len(body) - start
        headers["Content-Length"] = "many" if kind == "nonsense" else str(stated)
        if kind in {"no-length", "nonsense"}:
            headers.pop("Content-Length") if kind == "no-length" else None
        upto = start + rest[0] if kind in {"cut", "stall"} else len(body) - 10 if kind == "short" else len(body)
        self.answer(status, body[start:upto], headers)
        if kind == "stall":
            server.over.wait(10)

    def endless(self) -> None:
        self.answer(200, b"", {})
        while not self.server.over.is_set():
            self.wfile.write(b"x" * 65536)

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status >= 300:
            self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that goes away is what is tested."""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[_Server]:
    """A server of these files, by path; `plan` says how the next requests misbehave, `asked` what was asked."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.files, server.plan, server.asked, server.over = files, [], [], threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
        time.sleep(0)
