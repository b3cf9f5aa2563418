"""A web server on loopback that misbehaves as told."""

import http.server
import re
import threading
import time


class Server:
    """Serves `files` by path; `faults` has what goes wrong with a path, one entry for each request.

    A fault is a status (404), a pair of status and address (302, "/there"), or one of the words
    below; the last one of a list stays. `ranges` says whether a client may go on in the middle.
    """

    def __init__(self):
        self.files, self.faults, self.requests, self.ranges = {}, {}, [], True
        self.stalled = threading.Event()
        self.go_on = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(handler):
                self.answer(handler)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self):
        self.go_on.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def paths(self):
        """Return the paths that were asked for since the last call, each with where it began."""
        found, self.requests = self.requests, []
        return found

    def answer(self, handler):
        path = handler.path
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers["Range"] or "")
        self.requests.append((path, int(asked[1]) if asked else 0))
        faults = self.faults.get(path, [])
        fault = (faults.pop(0) if len(faults) > 1 else faults[0]) if faults else None
        if fault is None and path not in self.files:
            fault = 404
        status, *address = fault if isinstance(fault, tuple) else (fault,)
        if isinstance(status, int):
            handler.send_response(status)
            for text in address:
                handler.send_header("Location", text)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        data = self.files[path]
        begin = int(asked[1]) if asked and self.ranges else 0
        if fault == "other bytes":
            data = bytes(len(data))
        if fault == "web page":
            data = b"<!DOCTYPE html><p>Log in to the network"
        if begin and begin >= len(data):
            handler.send_error(416)
            return
        part = data[begin:]
        length = len(part) + {"long": 1000, "short": -1000}.get(fault, 0)
        handler.send_response(206 if begin else 200)
        if begin:
            handler.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        if fault != "no length":
            handler.send_header("Content-Length", str(length))
        handler.end_headers()
        if fault == "cut":
            part = part[: len(part) // 2]
        if fault == "slow":
            for i in range(0, len(part), 30_000):
                handler.wfile.write(part[i : i + 30_000])
                time.sleep(0.01)  # what makes it slow, no synchronisation
            return
        if fault == "stall":
            handler.wfile.write(part[: len(part) // 2])
            handler.wfile.flush()
            self.stalled.set()
            self.go_on.wait()
            return
        handler.wfile.write(part)
