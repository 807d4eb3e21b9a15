"""For tests of the programs: starts cordon-sim, runs cordon, reads what was sent, speaks TAP.

Programs are found by the environment variable `builddir`, data by `srcdir`; both are set by `make check`.

    import cordon_test as t

    with t.Sim("--devices", "60", "--window-scale", "0") as sim:
        home = t.Home(sim)
        run = home.cordon("-c", "select --all", "-c", "count")
        t.ok(run.status == 0, "all devices are selected")
        t.eq(len(sim.requests(path="/api/machines")), 1, "with one call")
    t.done()
"""

import atexit
import datetime
import hashlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

builddir = os.environ.get("builddir", ".")
srcdir = os.environ.get("srcdir", ".")

# A background job of a shell inherits these ignored, and what it starts leaves them so.
signal.signal(signal.SIGINT, signal.default_int_handler)
for inherited in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(inherited, signal.SIG_DFL)

# As cordon-sim --help prints them.
TENANT = "11111111-1111-4111-8111-111111111111"
APP = "22222222-2222-4222-8222-222222222222"
SECRET = "sim~secret.1_+/=&%x"
TENANT2 = "33333333-3333-4333-8333-333333333333"
APP2 = "44444444-4444-4444-8444-444444444444"
SECRET2 = "other~secret.2"

MDE = "https://api.securitycenter.microsoft.com"
XDR = "https://api.security.microsoft.com"
GRAPH = "https://graph.microsoft.com"


# ---- TAP

_count = 0
_failed = 0


def ok(passed, name):
    """One test; returns whether it passed."""
    global _count, _failed
    _count += 1
    if not passed:
        _failed += 1
    print("%s %d - %s" % ("ok" if passed else "not ok", _count, name.replace("#", "\\#")), flush=True)
    return bool(passed)


def eq(got, wanted, name):
    """The same, and shows both values if they differ."""
    if not ok(got == wanted, name):
        note("got    %r\nwanted %r" % (got, wanted))
        return False
    return True


def has(text, part, name):
    """part stands in text."""
    if not ok(part in text, name):
        note("%r is not in\n%s" % (part, text))
        return False
    return True


def note(text):
    for line in str(text)[:8000].splitlines():
        print("# " + line, flush=True)


def skip_all(why):
    print("1..0 # SKIP " + why, flush=True)
    sys.exit(0)


def done():
    """The plan; ends the program."""
    print("1..%d" % _count, flush=True)
    sys.exit(1 if _failed else 0)


def _uncaught(kind, value, trace):
    note("".join(traceback.format_exception(kind, value, trace)))
    print("Bail out! " + str(value).replace("\n", " ")[:200], flush=True)


sys.excepthook = _uncaught


# ---- directories

def temp_dir():
    """A new directory that is gone at the end of the test."""
    path = tempfile.mkdtemp(prefix="cordon-test-")
    atexit.register(shutil.rmtree, path, True)
    return path


def data(name):
    """A file below tests/."""
    return os.path.join(srcdir, "tests", name)


def program(name):
    return os.path.join(builddir, name)


# ---- the simulated tenant

class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error code in the body, None if there is none."""
        try:
            return self.json["error"]["code"]
        except (ValueError, KeyError, TypeError):
            return None


class Sim:
    """cordon-sim with the options given, on a free port, with a request log."""

    def __init__(self, *options, log=True):
        self.dir = temp_dir()
        self.log = os.path.join(self.dir, "requests.jsonl")
        port_file = os.path.join(self.dir, "port")
        words = [program("cordon-sim"), "--port-file", port_file, "--quiet"]
        if log:
            words += ["--log", self.log]
        self.stderr = open(os.path.join(self.dir, "stderr"), "wb+")
        self.process = subprocess.Popen(words + [str(o) for o in options], stdin=subprocess.DEVNULL, stderr=self.stderr)
        atexit.register(self.stop)
        end = time.monotonic() + 60
        while not os.path.exists(port_file):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("cordon-sim does not start: " + self.errors())
            time.sleep(0.01)
        with open(port_file) as file:
            self.port = int(file.read())
        self.url = "http://127.0.0.1:%d" % self.port
        self._tokens = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def errors(self):
        self.stderr.flush()
        with open(self.stderr.name, errors="replace") as file:
            return file.read()

    # -- what was sent

    def lines(self):
        """All lines of the log, events too."""
        if not os.path.exists(self.log):
            return []
        # A line that is being written now has no end yet.
        with open(self.log) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def requests(self, method=None, path=None, ends=None, performed=None, status=None):
        """Logged requests in order of answering: of a method, a whole path, an end of the path (a leading slash is
        understood), performed or not, a status (0: dropped)."""
        found = []
        for line in self.lines():
            if "event" in line:
                continue
            if method is not None and line["method"] != method:
                continue
            if path is not None and line["path"].lower() != path.lower():
                continue
            if ends is not None and not line["path"].lower().endswith("/" + ends.lower()):
                continue
            if performed is not None and line["performed"] != performed:
                continue
            if status is not None and line["status"] != status:
                continue
            found.append(line)
        return found

    def vanished(self):
        """Ids of the devices that left the tenant."""
        return [line["id"] for line in self.lines() if line.get("event") == "vanish"]

    # -- behind the tenant's back

    def control(self, name, tenant=None, **members):
        body = None if name == "state" else json.dumps(members)
        query = "?tenant=" + tenant if tenant else ""
        answer = self.call("GET" if body is None else "POST", "/sim/" + name + query, body)
        if answer.status != 200:
            raise RuntimeError("/sim/%s: %s" % (name, answer.body))
        return answer.json

    def state(self, tenant=None):
        """{"actions": [...], "machines": [{"id","name","isolated","gone","tags"}]}"""
        return self.control("state", tenant)

    def actions(self, kind=None):
        """All actions of the tenant, oldest first."""
        return [a for a in self.state()["actions"] if kind is None or a["type"] == kind]

    def tagged(self, tag):
        """Ids of the devices with the tag."""
        return {m["id"] for m in self.state()["machines"] if tag in m["tags"]}

    def vanish(self, *ids):
        self.control("vanish", ids=list(ids))

    def fault(self, text):
        self.control("fault", fault=text)

    def revoke(self):
        self.control("revoke")

    # -- calls as a client makes them

    def call(self, method, path, body=None, headers=None, connection=None):
        link = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers = dict({"Content-Type": "application/json"}, **(headers or {}))
        try:
            link.request(method, path, body.encode() if isinstance(body, str) else body, headers or {})
            reply = link.getresponse()
            return Answer(reply.status, reply.headers, reply.read())
        finally:
            if connection is None:
                link.close()

    def sign_in(self, audience=MDE, tenant=TENANT, app=APP, secret=SECRET):
        """The answer of the token endpoint."""
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": app, "client_secret": secret,
                                       "scope": audience + "/.default"})
        return self.call("POST", "/%s/oauth2/v2.0/token" % tenant, form,
                         {"Content-Type": "application/x-www-form-urlencoded"})

    def token(self, audience=MDE, tenant=TENANT, app=APP, secret=SECRET):
        if (audience, tenant) not in self._tokens:
            self._tokens[audience, tenant] = self.sign_in(audience, tenant, app, secret).json["access_token"]
        return self._tokens[audience, tenant]

    def api(self, method, path, body=None, audience=MDE, connection=None, **headers):
        headers = dict({"Authorization": "Bearer " + self.token(audience)}, **headers)
        return self.call(method, path, body, headers, connection)

    def machines(self):
        """The whole machine list, read in pages. Note that --vanish-after-list counts this as a reading."""
        machines = []
        while True:
            rows = self.api("GET", "/api/machines?$top=10000&$skip=%d" % len(machines)).json["value"]
            machines += rows
            if len(rows) < 10000:
                return machines


# ---- the client

class Run:
    """How a program ended: status, out, err; json for -o json."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def json(self):
        """One object a command."""
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]

    def show(self):
        note("status %d\n-- out\n%s\n-- err\n%s" % (self.status, self.out, self.err))


def _age_log(path, seconds, heads):
    out, last = [], ""
    for line in open(path):
        record = json.loads(line)
        time = datetime.datetime.strptime(record["time"], "%Y-%m-%dT%H:%M:%S.%fZ") - datetime.timedelta(seconds=seconds)
        line = line.replace(record["time"], time.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (time.microsecond // 1000), 1)
        line = line.replace('"prev":"%s"' % record["prev"], '"prev":"%s"' % last, 1)
        after = record.get("after")
        if isinstance(after, dict):
            line = line.replace('"head":"%s"' % after["head"], '"head":"%s"' % heads.get(after["head"], after["head"]), 1)
        head = line[:line.rindex(',"sum"')]
        heads[record["sum"]] = last = hashlib.sha256(head.encode()).hexdigest()
        out.append('%s,"sum":"%s"}\n' % (head, last))
    with open(path, "w") as file:
        file.writelines(out)


class Home:
    """Directories of a user of cordon's own, and an environment that leads to the simulated tenant. It is the whole
    environment: nothing of the caller's gets through but PATH, locale and what the test run sets for its tools."""

    KEEP = ("PATH", "LC_ALL", "LANG", "TZ", "TERM", "INPUTRC", "G_SLICE", "ASAN_OPTIONS", "UBSAN_OPTIONS",
            "LSAN_OPTIONS", "srcdir", "builddir")

    def __init__(self, sim=None, secret=SECRET, tenant=TENANT, app=APP, scale=None):
        self.dir = temp_dir()
        self.env = {name: os.environ[name] for name in self.KEEP if name in os.environ}
        self.env["HOME"] = self.dir
        for name, folder in (("CONFIG", "config"), ("STATE", "state"), ("CACHE", "cache"), ("DATA", "data")):
            self.env["XDG_%s_HOME" % name] = os.path.join(self.dir, folder)
            os.mkdir(os.path.join(self.dir, folder), 0o700)
        if tenant is not None:
            self.env.update(AZURE_TENANT_ID=tenant, AZURE_CLIENT_ID=app, AZURE_CLIENT_SECRET=secret)
        if sim is not None:
            self.connect(sim)
        if scale is not None:
            self.env["CORDON_WINDOW_SCALE"] = str(scale)

    def connect(self, sim):
        for name in ("LOGIN", "API", "GRAPH"):
            self.env["CORDON_%s_URL" % name] = sim.url

    def path(self, *parts):
        """A path below the home directory; its folder is made."""
        path = os.path.join(self.dir, *parts)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        return path

    def write(self, name, text):
        """Writes a file below the home directory (bytes or text); returns its path."""
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def config(self, text):
        """Writes the configuration file."""
        path = self.write("config/cordon/config", text)
        os.chmod(path, 0o600)
        return path

    def start(self, *words, stdin=subprocess.DEVNULL, **env):
        """cordon as a running subprocess.Popen with pipes for its output; cwd is the home directory."""
        return subprocess.Popen([program("cordon")] + [str(w) for w in words], stdin=stdin, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, cwd=self.dir, env=dict(self.env, **env),
                                start_new_session=True)

    def cordon(self, *words, stdin=None, timeout=120, **env):
        """Runs cordon to its end, without a terminal; further keywords go into its environment."""
        process = self.start(*words, stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE, **env)
        try:
            out, err = process.communicate(stdin.encode() if isinstance(stdin, str) else stdin, timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            note("cordon %r did not end within %d s" % (words, timeout))
        return Run(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    def age_logs(self, seconds):
        """Makes all logs older, as if they had been written so long before; their sums are right again."""
        heads = {}
        for folder, _, files in os.walk(os.path.join(self.dir, "state")):
            for name in sorted(files):
                if name.endswith(".jsonl") and os.path.basename(folder) == "log":
                    _age_log(os.path.join(folder, name), seconds, heads)

    def logs(self, tenant=None):
        """Lines of all session logs, file by file."""
        found = []
        for folder, _, files in sorted(os.walk(os.path.join(self.dir, "state"))):
            for name in sorted(files):
                if not name.endswith(".jsonl") or os.path.basename(folder) != "log":
                    continue
                if tenant is not None and tenant not in folder:
                    continue
                with open(os.path.join(folder, name)) as file:
                    found += [json.loads(line) for line in file if line.endswith("\n")]
        return found
