"""Requests against a server that misbehaves on purpose: what was sent, how often, and what became of it."""
import base64
import email.utils
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import zlib

BUILD = os.environ.get("builddir", ".")
CLIENT = os.path.join(BUILD, "tests/unit/net/client")
TENANT = "11111111-1111-4111-8111-111111111111"
APP = "22222222-2222-4222-8222-222222222222"
SECRET = "s~e.c_r+e/t=1"

count = failures = 0


def ok(passed, name, got=None):
    global count, failures
    count += 1
    print(f"{'ok' if passed else 'not ok'} {count} - {name}")
    if not passed:
        failures += 1
        print(f"# got {got!r}")
    sys.stdout.flush()


def jwt(claims):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    return ".".join([part({"alg": "none"}), part(claims), "sig"])


class Server:
    """One answer function a path: answer(request) gives bytes to send, or None to close the connection."""

    def __init__(self, tls=None):
        self.tls = tls
        self.requests = []
        self.tokens = 0
        self.token_answer = None
        self.token_life = 3599
        self.valid = set()
        self.paths = {}
        self.lock = threading.Lock()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self.serve_requests(connection)
        except (OSError, ValueError):  # reset by the client, or TLS where none is spoken
            pass
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()

    def serve_requests(self, connection):
        stream = connection.makefile("rb")
        number = 0
        while True:
            line = stream.readline()
            if not line:
                break
            method, path, _ = line.decode().split(" ", 2)
            headers = {}
            while (header := stream.readline().decode().strip()):
                name, value = header.split(":", 1)
                headers[name.lower()] = value.strip()
            body = stream.read(int(headers.get("content-length", 0))).decode()
            number += 1
            request = {"method": method, "path": path, "headers": headers, "body": body, "number": number,
                       "connection": connection}
            with self.lock:
                self.requests.append(request)
                answer = self.answer(request)
            if callable(answer):
                answer = answer()
            if answer is None:
                break
            connection.sendall(answer)
            if b"Connection: close" in answer:
                break

    def answer(self, request):
        path = request["path"].split("?")[0]
        if path.endswith("/oauth2/v2.0/token"):
            self.tokens += 1
            if self.token_answer is not None:
                return self.token_answer(request)
            token = jwt({"n": self.tokens, "tid": TENANT, "appid": APP, "roles": ["Machine.Read.All"],
                         "exp": int(time.time()) + 3600})
            self.valid.add(token)
            return reply(200, {"token_type": "Bearer", "expires_in": self.token_life, "access_token": token})
        return self.paths[path](request)

    def authorized(self, request):
        return request["headers"].get("authorization", "")[7:] in self.valid

    def sent(self, path):
        return [r for r in self.requests if r["path"].split("?")[0] == path]


def reply(status, body=None, headers=(), cut=0, raw=None):
    data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data) + cut}", "Content-Type: application/json",
            *headers]
    if not any(h.startswith("Date:") for h in head):
        head.append("Date: " + email.utils.formatdate(usegmt=True))
    if cut:
        head.append("Connection: close")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data


def run(server, *words, scale="0.05", env=None, login=None, status=0):
    mine = ("CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and k not in mine}
    environment.update({"SECRET": SECRET} if env is None else env)
    argv = [CLIENT, login or server.url, server.url, TENANT, APP, scale, *words]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60)
    if done.returncode != status or done.stderr:
        ok(False, "the driver runs clean", (done.returncode, done.stderr[-2000:]))
    return [json.loads(line) for line in done.stdout.splitlines()]


def queue(*answers):
    """A path that gives these answers one after the other, the last one for ever."""
    rest = list(answers)

    def answer(request):
        now = rest.pop(0) if len(rest) > 1 else rest[0]
        return now(request) if callable(now) else now
    return answer


def fates(results):
    return [r["fate"] for r in results]


def check_once():
    server = Server()
    server.paths["/warm"] = lambda r: reply(200, {"id": "w"})
    server.paths["/act"] = lambda r: None if r["number"] > 1 else reply(201, {"id": "a"})
    got = run(server, "safe", "GET", "/warm", "", "wait", "once", "POST", "/act", '{"Comment":"x"}')
    ok(fates(got) == ["done", "lost"], "dropped after performing on a reused connection: lost", got)
    ok(len(server.sent("/act")) == 1, "and sent exactly once", len(server.sent("/act")))
    ok(server.sent("/act")[0]["number"] > 1, "the connection had been used before")
    ok("expect" not in server.sent("/act")[0]["headers"], "no Expect header")
    ok(server.sent("/act")[0]["headers"]["user-agent"].startswith("cordon/"), "the user agent")
    ok(len(server.sent("/act")[0]["headers"]["client-request-id"]) == 36, "a client request id")

    server.paths["/safe"] = lambda r: None if r["number"] > 1 else reply(200, {"id": "s"})
    got = run(server, "safe", "GET", "/warm", "", "wait", "safe", "POST", "/safe", '{"Query":"x"}')
    ok(fates(got) == ["done", "done"], "the same as SAFE is repeated", got)

    server.paths["/drop"] = lambda r: None
    got = run(server, "raw-once", "POST", "/drop", "{}")
    ok(fates(got) == ["lost"] and got[0]["error"]["code"] == "LostAnswer", "dropped on a fresh connection: lost", got)
    ok(len(server.sent("/drop")) == 1, "once there too")
    got = run(server, "raw-once", "POST", "/warm", "", "wait", "raw-once", "POST", "/drop", "")
    ok(fates(got) == ["answered", "lost"] and len(server.sent("/drop")) == 2, "a request without a body too", got)

    server.paths["/cut"] = lambda r: reply(201, {"id": "a"}, cut=10)
    server.paths["/html"] = lambda r: reply(201, raw=b"<html><title>Sign in to Wi-Fi</title></html>")
    server.paths["/empty"] = lambda r: reply(201, raw=b"")
    for path in ("/cut", "/html", "/empty"):
        got = run(server, "once", "POST", path, "{}")
        ok(fates(got) == ["lost"] and len(server.sent(path)) == 1, f"{path[1:]} body of a 201: lost, once", got)
    for status in (500, 502, 503, 504, 408):
        server.paths["/fail"] = lambda r: reply(status, raw=b"<html>no</html>")
        got = run(server, "once", "POST", "/fail", "{}")
        ok(fates(got) == ["lost"] and got[0]["status"] == status, f"{status}: lost", got)
    server.paths["/later"] = lambda r: reply(429, {"error": {"code": "429", "message": "wait"}}, ["Retry-After: 7"])
    got = run(server, "once", "POST", "/later", "{}")
    ok(fates(got) == ["throttled"] and got[0]["retryAfter"] == 7000, "429: throttled, with the wait", got)
    server.paths["/slow"] = lambda r: lambda: time.sleep(7)
    got = run(server, "raw-once", "POST", "/slow", "{}")
    ok(fates(got) == ["lost"], "no answer in time: lost", got)
    got = run(server, "raw-once", "POST", "/slow", "{}", "turn", "cancel")
    ok(fates(got) == ["lost"], "cancelled under way: lost", got)
    got = run(server, "raw-once", "POST", "/never", "{}", "cancel")
    ok(fates(got) == ["unsent"] and not server.sent("/never"), "cancelled at once: unsent", got)


def check_unsent():
    server = Server()
    server.paths["/x"] = lambda r: reply(200, {})
    unused = socket.create_server(("127.0.0.1", 0))
    closed = f"http://127.0.0.1:{unused.getsockname()[1]}"
    unused.close()
    got = run(server, "raw-once", "POST", closed + "/x", "{}")
    ok(fates(got) == ["unsent"] and got[0]["error"]["code"] == "NoNetwork", "connection refused: unsent", got)
    ok(got[0]["error"]["kind"] == 3, "no network is a matter of signing in", got)
    got = run(server, "raw-once", "POST", "https://no-such-host.invalid/x", "{}")
    ok(fates(got) == ["unsent"] and "does not resolve" in got[0]["error"]["text"], "unknown name: unsent", got)
    got = run(server, "raw-once", "POST", server.url.replace("http:", "https:") + "/x", "{}")
    ok(fates(got) == ["unsent"], "no TLS there: unsent", got)
    got = run(server, "raw-once", "POST", "http://192.0.2.1/x", "{}")
    ok(fates(got) == ["unsent"] and "not https" in got[0]["error"]["text"], "plain http beyond loopback: refused", got)
    other = Server()
    got = run(server, "raw-bearer", "GET", other.url + "/x", "")
    ok(fates(got) == ["unsent"] and not other.requests, "a token for a host that is not ours: refused", got)
    server.paths["/move"] = lambda r: reply(302, headers=[f"Location: {other.url}/x"])
    got = run(server, "safe", "GET", "/move", "")
    ok(fates(got) == ["refused"] and not other.requests, "a redirect is not followed", got)


def check_tls():
    """A certificate that is not trusted, until it is named; a proxy that refuses."""
    if shutil.which("openssl") is None:
        ok(True, "certificates # SKIP no openssl program")
        return
    with tempfile.TemporaryDirectory() as directory:
        key, certificate = os.path.join(directory, "key"), os.path.join(directory, "certificate")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "2", "-subj", "/CN=inspection", "-addext", "subjectAltName=IP:127.0.0.1"], check=True,
                       capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = Server(context)
        server.paths["/x"] = lambda r: reply(200, {})
        got = run(server, "raw-once", "POST", "/x", "{}")
        ok(fates(got) == ["unsent"] and got[0]["error"]["code"] == "NoTrust" and not server.requests,
           "an untrusted certificate: unsent", got)
        ok("ca-bundle" in got[0]["error"]["hint"] and got[0]["error"]["kind"] == 3, "and what to do", got)
        for name in ("CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            got = run(server, "raw-once", "POST", "/x", "{}", env={name: certificate})
            ok(fates(got) == ["answered"], f"trusted by {name}", got)
        got = run(server, "wait", env={"CURL_CA_BUNDLE": certificate + "x"}, status=1)
        ok("cannot read the certificate file" in got[0]["text"], "a certificate file that is not there", got)
    proxy = Server()
    proxy.answer = lambda r: reply(407)
    for kind in ("raw", "raw-once"):
        got = run(proxy, kind, "POST", "https://api.example.invalid/x", "{}",
                  env={"HTTPS_PROXY": proxy.url.replace("://", "://user:hush@")})
        ok(fates(got) == ["unsent"] and got[0]["error"]["code"] == "ProxyRefused"
           and proxy.url[7:] in got[0]["error"]["text"], f"{kind}: a proxy that refuses is named", got)
        ok("hush" not in json.dumps(got), "without its password")
    ok({r["method"] for r in proxy.requests} == {"CONNECT"}, "it saw nothing of the request")


def check_tokens():
    server = Server()
    revoked = []

    def api(request):
        if not server.authorized(request):
            return reply(401, {"error": {"code": "Unauthorized", "message": "expired", "target": "t"}})
        if not revoked:
            revoked.append(set(server.valid))
            server.valid.clear()
            return reply(200, {"id": "1"})
        return reply(201, {"id": "2"})
    server.paths["/api/act"] = api
    calls = ["once", "POST", "/api/act", "{}"]
    got = run(server, *calls, "wait", *(calls * 6))
    ok(fates(got) == ["done"] * 7, "a token revoked in the middle: all done", got)
    ok(server.tokens == 2, "and one new token for six calls", server.tokens)
    ok(len(server.sent("/api/act")) == 1 + 6 + 6, "each sent again once", len(server.sent("/api/act")))
    form = server.requests[0]["body"]
    ok("client_secret=s~e.c_r%2Be%2Ft%3D1" in form, "the secret is percent-encoded", form)
    ok("scope=https%3A%2F%2Fapi.securitycenter.microsoft.com%2F.default" in form, "one scope", form)
    ok(server.requests[0]["path"] == f"/{TENANT}/oauth2/v2.0/token", "the v2 endpoint")

    server = Server()
    server.paths["/api/act"] = lambda r: reply(401, {"error": {"code": "Unauthorized", "message": "no licence"}})
    got = run(server, *calls)
    ok(fates(got) == ["sign-in"] and got[0]["error"]["kind"] == 3, "401 after renewal", got)
    ok(server.tokens == 2 and len(server.sent("/api/act")) == 2, "after two tokens and two tries", server.tokens)
    start = time.monotonic()
    got = run(server, *calls, "wait", *calls, "wait", *calls)
    ok(server.tokens <= 2 + 6 and time.monotonic() - start > 2.5, "no more than three tokens a (scaled) minute",
       (server.tokens, time.monotonic() - start))

    server = Server()
    server.token_life = "2"
    server.paths["/api/x"] = lambda r: reply(200, {})
    got = run(server, "safe", "GET", "/api/x", "", "wait", "raw", "GET", "/api/x", "", *["turn"] * 8, "wait",
              "safe", "GET", "/api/x", "")
    ok(fates(got) == ["done", "answered", "done"] and server.tokens == 2, "renewed at two thirds of a short life",
       server.tokens)


def sign_in(answer, name, code, words, **kwargs):
    server = Server()
    if answer is not None:
        server.token_answer = lambda r: answer
    got = run(server, "sign-in", "", "", "", **kwargs)
    error = got[0].get("error", {"text": "", "code": ""})
    ok(got[0]["fate"] == "sign-in" and error["kind"] == 3 and error["code"] == code and words in error["text"],
       name, got)


def check_sign_in():
    def entra(status, number, word):
        return reply(status, {"error": word, "error_description": f"AADSTS{number}: Text. Trace ID: 1",
                              "error_codes": [number], "correlation_id": "c0"})
    faults = [
        (401, 7000215, "invalid_client", "is wrong"), (401, 7000222, "invalid_client", "has expired"),
        (400, 90002, "invalid_request", "no such tenant"), (400, 700016, "unauthorized_client", "does not know the app"),
        (401, 7000218, "invalid_client", "got no client secret"), (400, 7000112, "unauthorized_client", "is disabled"),
        (400, 65001, "consent_required", "consent"), (400, 53003, "invalid_grant", "conditional access"),
        (401, 700024, "invalid_client", "clock"), (400, 500011, "invalid_resource", "does not have the service"),
        (400, 999, "something_new", "Text."),
    ]
    for status, number, word, words in faults:
        sign_in(entra(status, number, word), f"AADSTS{number}: {words}", f"AADSTS{number}", words)
    sign_in(reply(200, raw=b"<html>Welcome to the hotel</html>"), "a captive portal", "UnreadableAnswer", "no sense")
    late = ["Date: " + email.utils.formatdate(time.time() - 7200, usegmt=True)]
    good = {"token_type": "Bearer", "expires_in": "3599", "access_token": jwt({"exp": int(time.time()) + 3600})}
    sign_in(reply(200, good, late), "a clock two hours ahead", "WrongClock", "ahead")
    old = dict(good, access_token=jwt({"exp": int(time.time()) - 60}))
    sign_in(reply(200, old), "a token that had expired when it came", "WrongClock", "had expired")
    sign_in(None, "no secret at all", "NoSecret", "no client secret", env={})
    sign_in(None, "no network", "NoNetwork", "cannot reach", login="http://127.0.0.1:1")

    server = Server()
    got = run(server, "sign-in", "", "", "")
    ok(got[0]["fate"] == "done" and got[0]["claims"]["roles"] == ["Machine.Read.All"], "roles of the token", got)
    ok("n" not in got[0]["claims"], "only the claims for display")
    server.token_answer = queue(reply(503, raw=b"busy"), lambda r: None, reply(200, good))
    got = run(server, "sign-in", "", "", "")
    ok(got[0]["fate"] == "done" and server.tokens == 4, "busy and dropped, then signed in", (got, server.tokens))


def check_secrets():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "secret")
        with open(path, "w", encoding="utf-8") as file:
            file.write("from-file\nsecond line\n")
        os.chmod(path, 0o640)
        sign_in(None, "a secret file that others can read", "", "read by others", env={"SECRET_FILE": path})
        os.chmod(path, 0o600)
        server = Server()
        got = run(server, "sign-in", "", "", "", env={"SECRET_FILE": path})
        ok(got[0]["fate"] == "done" and server.requests[0]["body"].endswith("client_secret=from-file"),
           "the file's first line", got)
        sign_in(None, "a missing secret file", "", "cannot open", env={"SECRET_FILE": path + "x"})
    server = Server()
    server.paths["/api/x"] = lambda r: reply(200, {})
    got = run(server, "sign-in", "", "", "", "raw", "GET", "/api/x", "",
              env={"SECRET_COMMAND": "read x; sleep 0.3; echo from-command"})
    ok(fates(got) == ["answered", "done"], "a command does not hold up the loop", got)
    ok(server.sent(f"/{TENANT}/oauth2/v2.0/token")[0]["body"].endswith("=from-command"), "its secret is used")
    for command, words in (("exit 3", "failed"), ("true", "printed nothing"), ("yes", "more than 4096"),
                           ("kill -9 $$", "failed")):
        sign_in(None, f"secret command '{command}'", "", words, env={"SECRET_COMMAND": command})


def check_safe():
    server = Server()
    server.paths["/x"] = queue(reply(500, raw=b""), reply(503, raw=b"<html>"), lambda r: None,
                               reply(429, {"error": {"code": "429", "message": "send again in 1 seconds."}}),
                               reply(200, {"id": "y"}))
    start = time.monotonic()
    got = run(server, "safe", "GET", "/x", "")
    ok(fates(got) == ["done"] and len(server.sent("/x")) == 5, "faults pass, then done", got)
    ok(time.monotonic() - start >= 1, "the wait that a message names is kept")
    server.paths["/y"] = lambda r: reply(429, {"error": {"code": "429", "message": "m"}}, ["Retry-After: 99999"])
    got = run(server, "safe", "GET", "/y", "")
    ok(fates(got) == ["throttled"] and got[0]["retryAfter"] == 99999000, "a wait beyond patience ends it", got)
    server.paths["/z"] = lambda r: reply(200, raw=b"<html>hotel</html>")
    got = run(server, "safe", "GET", "/z", "")
    ok(fates(got) == ["lost"] and len(server.sent("/z")) == 3, "unreadable answers end after three", got)
    deflate = zlib.compress(b'{"id":"d"}')
    server.paths["/d"] = lambda r: reply(200, raw=deflate, headers=["Content-Encoding: deflate"])
    got = run(server, "safe", "GET", "/d", "")
    ok(got[0]["json"] == {"id": "d"}, "deflate", got)
    server.paths["/big"] = lambda r: reply(200, raw=b"[" + b" " * (9 << 20) + b"]")
    got = run(server, "raw", "GET", "/big", "")
    ok(fates(got) == ["lost"] and got[0]["error"]["code"] == "AnswerTooLarge", "an answer beyond its bound", got)


def check_errors():
    server = Server()
    forms = [
        (403, {"error": {"code": "Forbidden", "message": "Missing application roles. API required roles: "
         "Machine.Read.All,Machine.ReadWrite.All, application roles: Alert.Read.All.", "target": "t1"}},
         "the app lacks the role Machine.Read.All or Machine.ReadWrite.All", "Forbidden", "t1"),
        (403, {"error": {"code": "Forbidden", "message": "The application does not have any of the required application "
         "permissions (Machine.Isolate) to access the resource."}}, "lacks the role Machine.Isolate", "Forbidden", ""),
        (404, {"error": {"code": "ResourceNotFound", "message": "Machine \x1b[31m was not found", "target": "|x."}},
         "Machine \\x1b[31m was not found", "ResourceNotFound", "|x."),
        (400, {"error": {"code": "", "message": "Custom query option '$stop'", "details": []}}, "'$stop'", "400", ""),
        (400, {"error": {"code": "BadRequest", "message": "bad", "innerError": {"request-id": "r1"}}}, "bad",
         "BadRequest", "r1"),
        (400, b"", "HTTP 400 and nothing else", "400", ""),
        (404, b"<html><head><title>Not here</title></head>", "HTTP 404: Not here", "404", ""),
    ]
    for status, body, words, code, target in forms:
        server.paths["/e"] = lambda r: reply(status, raw=body) if isinstance(body, bytes) else reply(status, body)
        got = run(server, "safe", "GET", "/e", "")
        error = got[0]["error"]
        ok(fates(got) == ["refused"] and words in error["text"] and (error["code"], error["target"]) == (code, target),
           f"{status}: {words}", got)
        ok(error["kind"] == (3 if status == 403 else 1), "and its kind", error)


def check_lists():
    server = Server()
    machines = [{"id": f"{i:040x}", "machineTags": ["a"]} for i in range(10001)]

    def pages(request):
        query = dict(part.split("=") for part in request["path"].split("?")[1].split("&"))
        skip = int(query["$skip"])
        return reply(200, {"@odata.context": "c", "value": machines[skip:skip + int(query["$top"])]})
    server.paths["/api/machines"] = queue(lambda r: reply(200, {"value": machines[:3]}, cut=5), pages)
    got = run(server, "read", "machines", "name eq 'o''x' & y", "")
    ok(got[0]["fate"] == "done" and got[0]["rows"] == 10001 and got[0]["pages"] == 3,
       "two pages, one cut and repeated, and the empty one that ends the list",
       got)
    ok(got[0]["restarts"] == 1 and got[0]["lastRow"]["machineTags"] == 'dynamic ["a"]', "told that it began again", got)
    ok("&$filter=name%20eq%20%27o%27%27x%27%20%26%20y" in server.sent("/api/machines")[0]["path"],
       "the filter is escaped", server.sent("/api/machines")[0]["path"])
    server.paths["/api/machines"] = lambda r: reply(404, {"error": {"code": "ResourceNotFound", "message": "none"}})
    got = run(server, "read", "machines", "", "")
    ok(got[0]["fate"] == "done" and got[0]["rows"] == 0, "404: no machines", got)
    server.paths["/api/machines"] = lambda r: reply(404, raw=b"<html>nginx</html>")
    got = run(server, "read", "machines", "", "")
    ok(got[0]["fate"] == "refused", "another 404 is a fault", got)
    server.paths["/api/machines"] = lambda r: reply(200, raw=b'{"value":[{"id":"1"}')
    got = run(server, "read", "machines", "", "")
    ok(got[0]["fate"] == "lost" and len(server.sent("/api/machines")) >= 6, "a list cut inside is never whole", got)
    server.paths["/api/machineactions"] = lambda r: reply(200, {"value": []})
    got = run(server, "read", "actions", "since", "")
    ok(got[0]["fate"] == "done" and "creationDateTimeUtc%20ge%2020" in server.sent("/api/machineactions")[0]["path"],
       "actions since a time", got)
    server.paths["/api/machines/a%2F..%3Fb"] = lambda r: reply(200, {"id": "x"})
    got = run(server, "machine", "a/..?b", "", "")
    ok(fates(got) == ["done"], "a path segment is escaped", got)


def check_acts():
    server = Server()
    server.paths["/api/machines/d1/isolate"] = lambda r: reply(201, {"id": "a1", "status": "Pending"})
    server.paths["/api/machines/d1/runAntiVirusScan"] = lambda r: reply(201, {"status": "Pending"})
    server.paths["/api/machines/AddOrRemoveTagForMultipleMachines"] = lambda r: reply(200, {"value": []})
    got = run(server, "act", "isolate", "d1", "Full", "wait", "act", "scan", "d1", "Quick", "wait", "tag", "pilot",
              "d1,d2", "")
    ok(fates(got) == ["done", "lost", "done"], "an act without an id in its answer is lost", got)
    bodies = [json.loads(r["body"]) for r in server.requests if r["path"].startswith("/api/")]
    ok(bodies == [{"Comment": "a comment", "IsolationType": "Full"}, {"Comment": "a comment", "ScanType": "Quick"},
                  {"Value": "pilot", "Action": "Add", "MachineIds": ["d1", "d2"]}], "bodies in exact case", bodies)


def check_hunting():
    server = Server()
    row = {"T": "2026-11-24T10:11:12.1234567Z", "N": 9007199254740993, "B": 1, "D": '{"a": [1, 2]}', "R": "NaN",
           "T@odata.type": "#x", "extra": 1}
    types = {"T": "DateTime", "N": "Int64", "B": "SByte", "D": "Object", "R": "Double"}
    wanted = {"T": "2026-11-24T10:11:12.1234567Z", "N": 9007199254740993, "B": True, "D": 'dynamic {"a":[1,2]}',
              "R": "real nan"}
    upper = {"Schema": [{"Name": n, "Type": t} for n, t in types.items()], "Results": [row, row]}
    lower = {"schema": [{"name": n, "type": t} for n, t in types.items()], "results": [row, row]}
    server.paths["/v1.0/security/runHuntingQuery"] = queue(lambda r: reply(200, lower, cut=3), reply(200, lower))
    server.paths["/api/advancedhunting/run"] = lambda r: reply(200, dict(upper, Stats={"x": 1}))
    server.paths["/api/advancedqueries/run"] = lambda r: reply(200, upper)
    for way in ("graph", "xdr", "mde"):
        got = run(server, "hunt", way, "DeviceInfo | take 'é'", "")
        ok(got[0]["fate"] == "done" and got[0]["rows"] == 2 and got[0]["restarts"] == (way == "graph"), f"{way}", got)
        ok(got[0]["lastRow"] == wanted, f"{way}: values as KQL has them", got[0]["lastRow"])
        ok(got[0]["schema"] == {"T": "datetime", "N": "long", "B": "bool", "D": "dynamic", "R": "real"},
           f"{way}: types as KQL names them", got[0]["schema"])
    ok(json.loads(server.sent("/api/advancedqueries/run")[0]["body"]) == {"Query": "DeviceInfo | take 'é'"}, "the query")
    server.paths["/api/advancedqueries/run"] = lambda r: reply(400, {"error": {"code": "BadRequest", "message": "Query "
        "execution has exceeded the allowed result size. Optimize your query", "target": "t"}})
    got = run(server, "hunt", "mde", "x", "")
    ok(got[0]["fate"] == "refused" and "project" in got[0]["error"]["hint"], "too large a result: what to do", got)
    server.paths["/api/advancedqueries/run"] = lambda r: reply(200, {"Results": []})
    got = run(server, "hunt", "mde", "x", "")
    ok(got[0]["fate"] == "lost", "an answer without a schema", got)


for check in (check_once, check_unsent, check_tls, check_tokens, check_sign_in, check_secrets, check_safe, check_errors,
              check_lists, check_acts, check_hunting):
    if len(sys.argv) < 2 or check.__name__ in sys.argv[1:]:
        check()
print(f"1..{count}")
sys.exit(1 if failures else 0)
