"""The real airouterd in front of providers that live here, and a proxy that puts it below a prefix."""

import http.client
import json
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from browser import wait_for


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass  # Clients leave as they like.


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json", **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        return self.rfile.read(int(self.headers.get("content-length") or 0))


def error(message, code="error"):
    return {"error": {"message": message, "type": "error", "param": None, "code": code}}


class Providers:
    """Providers by the first part of their path: /ok/v1, /limited/v1, /refused/v1, /broken/v1, /slow/v1."""

    models = ["gpt-4", "gpt-4o-mini", "o3-mini"]

    def __init__(self):
        outer = self
        self.limited_message = "Rate limit reached"
        self.delays = {"slow": 0.5}  # seconds before an answer begins, by kind
        self.word_time = 0.0

        class Handler(Quiet):
            def do_GET(self):
                self.answer(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in outer.models]})

            def do_POST(self):
                request = json.loads(self.body())
                kind = self.path.split("/")[1]
                time.sleep(outer.delays.get(kind, 0.02))
                if kind == "limited":
                    self.answer(429, error(outer.limited_message, "rate_limit_exceeded"), retry_after="30")
                elif kind == "refused":
                    self.answer(401, error("bad key", "invalid_api_key"))
                elif kind == "picky":
                    self.answer(400, error("bad parameter", "invalid_request_error"))
                elif kind == "broken":
                    self.answer(500, error("internal"))
                else:
                    self.chat(request)

            def chat(self, request):
                if not request.get("stream"):
                    return self.answer(200, {"id": "1", "object": "chat.completion", "created": 1, "model": request["model"],
                                             "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello!"}, "finish_reason": "stop"}],
                                             "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}})
                events = [{"delta": {"content": word}} for word in ("Hello", " from", " here.")] + [{"delta": {}, "finish_reason": "stop"}]
                lines = ["data: " + json.dumps({"id": "1", "object": "chat.completion.chunk", "created": 1, "model": request["model"],
                                                "choices": [{"index": 0, "finish_reason": None, **event}]}) + "\n\n" for event in events]
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("connection", "close")
                self.end_headers()
                for line in [*lines, "data: [DONE]\n\n"]:
                    self.wfile.write(line.encode())
                    time.sleep(outer.word_time)
                self.close_connection = True
                return None

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, kind):
        return f"http://127.0.0.1:{self.server.server_port}/{kind}/v1"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Gateway:
    """An airouterd with a folder of its own."""

    always = []

    def __init__(self, program, config=None, arguments=(), command=()):
        self.program = program
        self.folder = tempfile.TemporaryDirectory(prefix="airouter-panel-")
        self.command = list(command)
        self.arguments = list(arguments)
        self.port = 0
        if not command:
            pathlib.Path(self.folder.name, "config.json").write_text(json.dumps(config or {}))
        self.start()

    def start(self):
        where = ["--port", str(self.port), "--lang", "en"]
        files = [] if self.command else ["-c", f"{self.folder.name}/config.json", "--data", f"{self.folder.name}/data"]
        self.output = pathlib.Path(self.folder.name, "output")
        self.process = subprocess.Popen([self.program, *self.command, *files, *where, *self.always, *self.arguments],
                                        stdout=self.output.open("wb"), stderr=subprocess.STDOUT, cwd=self.folder.name)
        ready = "Serving on" if self.command else "[STARTUP]"
        wait_for(lambda: ready in self.said() or self.process.poll() is not None, 30, "airouterd")
        if self.process.poll() is not None:
            raise RuntimeError(self.said())
        self.port = int(re.search(r"http://127\.0\.0\.1:(\d+)", self.said())[1])

    def said(self):
        return self.output.read_text(errors="replace")

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self):
        file = pathlib.Path(self.folder.name, "data", "admin_token")
        return file.read_text().strip() if file.exists() else ""

    def page(self, where="#/overview"):
        return f"{self.origin}/admin/{where}"

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def close(self):
        self.stop()
        self.folder.cleanup()

    def remember(self, records):
        """Starts again with these in its log, which must be newer than what is there."""
        self.stop()
        folder = pathlib.Path(self.folder.name, "data", "logs")
        folder.mkdir(parents=True, exist_ok=True)
        for record in sorted(records, key=lambda one: one["id"]):
            with folder.joinpath(f"requests_{record['timestamp_str'][:10]}.jsonl").open("a") as file:
                file.write(json.dumps(record, separators=(",", ":")) + "\n")
        self.start()

    def call(self, method, path, body=None, key=None):
        """Status and JSON of a call; of /api with the admin token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"content-type": "application/json"}
        if key or (path.startswith("/api") and self.token):
            headers["authorization"] = f"Bearer {key or self.token}"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text.startswith(b"{") else text.decode()

    def ask(self, model="gpt-4", stream=False, key=None):
        return self.call("POST", "/v1/chat/completions", {"model": model, "stream": stream, "messages": [{"role": "user", "content": "Hi"}]}, key)[0]


class Prefix:
    """A reverse proxy that serves other origins, each below a path, as nginx's proxy_pass does: a port below /llm/, or ports by path."""

    def __init__(self, ports):
        ports = ports if isinstance(ports, dict) else {"/llm/": ports}

        class Handler(Quiet):
            def pass_on(self):
                path = next((one for one in ports if self.path.startswith(one)), None)
                data = self.body()
                if path is None:
                    return self.answer(404, {})
                port, target = ports[path], self.path[len(path) - 1:]
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection", "origin")}
                connection.request(self.command, target, data or None, headers)
                answer = connection.getresponse()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server"):
                        self.send_header(name, value)
                self.send_header("connection", "close")
                self.end_headers()
                while piece := answer.read1(65536):
                    self.wfile.write(piece)
                self.close_connection = True
                return None

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def provider(name, url, models, weight=1, **more):
    return {"name": name, "base_url": url, "api_key": "sk-secret-of-" + re.sub(r"\W", "", name)[:8] + "-0123456789", "weight": weight,
            "supported_models": models, **more}


def logged(when, result="ok", model="gpt-4", providers=("Site_B",), took=0.4, tokens=(40, 120), key=None):
    """A line of the log: the providers failed one after the other; the last one answered, unless the result is failed."""
    attempts, share = [], took * 1000 / max(len(providers), 1)
    for number, name in enumerate(providers):
        is_good = result != "failed" and number == len(providers) - 1
        attempts.append({"provider": name, "model": model, "status": 200 if is_good else 429, "kind": "none" if is_good else "rate_limited",
                         "start_ms": share * number, "first_output_ms": share * 0.7 if is_good else None, "total_ms": share,
                         "detail": None if is_good else "Rate limit reached", "effect": None if is_good else "model cooling 30 s"})
    is_failed = result == "failed"
    return {**_record(when), "level": {"ok": "info", "rescued": "warning"}.get(result, "error"), "type": "error" if is_failed else "response",
            "method": "POST", "path": "/v1/chat/completions", "model": model, "provider": providers[-1], "status_code": 429 if is_failed else 200,
            "duration_ms": took * 1000, "message": f"{result}: {' '.join(providers)}", "error": "nobody answered" if is_failed else None,
            "client_ip": "127.0.0.1", "api_key_id": key, "request_tokens": None if is_failed else tokens[0], "response_tokens": None if is_failed else tokens[1],
            "request_id": f"req_{int(when * 1e6):024x}", "result": result, "first_output_ms": None if is_failed else took * 700, "attempts": attempts}


def logged_event(when, provider="Site_A", model="gpt-4", message="Site_A/gpt-4: healthy -> cooling (rate_limited) for 30 s", **more):
    return {**_record(when), "level": "warning", "type": "system", "provider": provider, "model": model, "message": message, **more}


def _record(when):
    return {"id": int(when * 1e6), "timestamp": when, "timestamp_str": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when)), "level": "info",
            "type": "system", "method": None, "path": None, "model": None, "provider": None, "status_code": None, "duration_ms": None, "message": None,
            "error": None, "client_ip": None, "api_key_id": None, "request_tokens": None, "response_tokens": None, "request_id": None, "result": None,
            "stream": False, "first_output_ms": None, "attempts": [], "skipped": []}


def usual_config(providers):
    """Two that fail, one that answers, one that is off."""
    return {
        "providers": [provider("Site_A", providers.url("limited"), ["gpt-4-0613"], 1_000_000), provider("Site_C", providers.url("broken"), ["gpt-4"], 1000),
                      provider("Site_B", providers.url("ok"), ["gpt-4-turbo", "gpt-3.5-turbo"]), provider("Local", providers.url("ok"), ["gpt-4-turbo", "qwen2.5:7b"], enabled=False),
                      provider("Alone", providers.url("limited"), ["always-limited"])],
        "model_map": {"gpt-4": ["gpt-4-0613", "gpt-4", "gpt-4-turbo"]},
    }


def quote(text):
    return urllib.parse.quote(text, safe="")
