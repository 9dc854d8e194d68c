"""The generators that are compared: where each comes from, how it is asked, and what it says of itself."""
import json, os, re, shutil, subprocess, sys, tempfile

CACHE = os.path.expanduser(os.environ.get("BENCH_CACHE", "~/.cache/stackdyno-bench"))
PORT = 18099
URL = f"http://127.0.0.1:{PORT}/plaintext"
TLS_URL = f"https://127.0.0.1:{PORT}/plaintext"
PIPELINE_LUA = 'init=function(a) local t={} for i=1,%d do t[i]=wrk.format() end; r=table.concat(t) end\nrequest=function() return r end\n'
GO_PEERS = {"hey": "github.com/rakyll/hey@latest", "bombardier": "github.com/codesenberg/bombardier@latest",
            "vegeta": "github.com/tsenart/vegeta/v12@latest", "k6": "go.k6.io/k6@latest",
            "fortio": "fortio.org/fortio@v1.63.9"}  # later ones need a module that proxies often do not have


def install():
    os.makedirs(CACHE + "/bin", exist_ok=True)
    def attempt(what, command, **more):
        print(f"installing {what}", file=sys.stderr)
        if subprocess.run(command, **more).returncode != 0: print(f"  {what}: not available here", file=sys.stderr)
    attempt("wrk, h2load", ["apt-get", "install", "-y", "-qq", "wrk", "nghttp2-client"])
    if shutil.which("npm"): attempt("autocannon", ["npm", "install", "--silent", "--prefix", CACHE, "autocannon"])
    if shutil.which("go"):
        for name, module in GO_PEERS.items(): attempt(name, ["go", "install", module], env=dict(os.environ, GOBIN=CACHE + "/bin"))
    if shutil.which("cargo"): attempt("oha", ["cargo", "install", "--quiet", "--locked", "--root", CACHE, "oha"])


def find(name):
    if name == "bombardier": return shutil.which(name, path=CACHE + "/bin")  # Debian's package of that name is a game
    return shutil.which(name, path=f"{CACHE}/bin:{CACHE}/node_modules/.bin:" + os.environ["PATH"])


def number(pattern, text):
    found = re.search(pattern, text)
    if not found: raise RuntimeError(f"no {pattern} in: {text[-300:]}")
    return float(found.group(1))


def first_json(text):
    """The object that begins first in `text`, whatever stands around it."""
    return json.JSONDecoder().raw_decode(text, text.index("{"))[0]


class Generators:
    """How each is asked: entries of a command and of what reads its output, requests a second unless it says otherwise."""
    def __init__(self, build):
        self.dyno = build + "/bin/dyno-load"
        self.bare = build + "/tests/bare_loop"
        self.folder = tempfile.TemporaryDirectory()  # goes with this object

    def path(self, name): return os.path.join(self.folder.name, name)

    def closed(self, connections, seconds, pipeline=1, slow=False):
        """`slow`: those that are far behind, with ours and wrk to compare with."""
        c, d = str(connections), f"{seconds}s"
        ours = self.ours(URL, connections, seconds, "-p", str(pipeline))
        wrk = [find("wrk") or "", "-t1", "-c" + c, "-d" + d, URL]
        if pipeline > 1:
            with open(self.path(f"pipeline-{pipeline}.lua"), "w") as script: script.write(PIPELINE_LUA % pipeline)
            wrk[-1:-1] = ["-s", script.name]
        fast = {"wrk": (wrk, lambda text: number(r"Requests/sec:\s+([\d.]+)", text)),
                "h2load": ([find("h2load") or "", "--h1", "-t1", "-c" + c, "-m" + str(pipeline), "-D" + str(seconds), URL],
                           lambda text: number(r"finished in [\d.]+\w+, ([\d.]+) req/s", text))}
        if pipeline == 1:
            fast["bare loop"] = ([self.bare, str(PORT), c, str(seconds)], lambda text: float(text.split()[0]))
            fast["bombardier"] = ([find("bombardier") or "", "-c", c, "-d", d, "-p", "r", "-o", "json", URL],
                                  lambda text: json.loads(text)["result"]["rps"]["mean"])
        if not slow: return self.present(ours, fast)
        peers = {"wrk": fast["wrk"]}
        peers["hey"] = ([find("hey") or "", "-c", c, "-z", d, URL], lambda text: number(r"Requests/sec:\s+([\d.]+)", text))
        peers["autocannon"] = ([find("autocannon") or "", "-c", c, "-d", str(seconds), "-j", URL],
                               lambda text: first_json(text)["requests"]["average"])
        attack = (f"echo GET {URL} | {find('vegeta')} attack -rate=0 -workers={c} -max-workers={c} -duration={d} | "
                  f"{find('vegeta')} report -type=json")
        peers["vegeta"] = ([find("vegeta") and "/bin/bash" or "", "-c", attack], lambda text: json.loads(text)["throughput"])
        peers["fortio"] = ([find("fortio") or "", "load", "-quiet", "-qps", "0", "-c", c, "-t", d, "-json", "-", URL],
                           lambda text: first_json(text)["ActualQPS"])
        with open(self.path("closed.js"), "w") as script:
            script.write(f"import http from 'k6/http';\nexport default function () {{ http.get('{URL}'); }}\n")
        peers["k6"] = ([find("k6") or "", "run", "--quiet", "--no-usage-report", "--vus", c, "--duration", d, script.name],
                       lambda text: number(r"http_reqs[.\s]*:\s*\d+\s+([\d.]+)/s", text))
        peers["oha"] = ([find("oha") or "", "-c", c, "-z", d, "--no-tui", "--output-format", "json", URL],
                        lambda text: json.loads(text)["summary"]["requestsPerSec"])
        return self.present(ours, peers)

    def present(self, ours, peers):
        return {**ours, **{name: how for name, how in peers.items() if how[0][0] and os.path.exists(how[0][0])}}

    def at_rate(self, rate, connections, seconds):
        """How each is asked for so many requests a second; every entry yields p50, p90 and p99 in ms and requests a second."""
        c, d, r = str(connections), f"{seconds}s", str(rate)
        names = ("50", "90", "99")

        def vegeta(text):
            told = json.loads(text)
            return [told["latencies"][name + "th"] / 1e6 for name in names], told["throughput"]

        def h2load(text):
            with open(self.path("h2load.log")) as log: took = sorted(int(line.split()[2]) / 1000 for line in log)
            return [took[len(took) * int(name) // 100] for name in names], number(r"finished in [\d.]+\w+, ([\d.]+) req/s", text)

        def bombardier(text):
            told = json.loads(text)["result"]
            return [told["latency"]["percentiles"][name] / 1000 for name in names], told["rps"]["mean"]

        def hey(text):
            return [number(rf"{name}%+ in ([\d.]+) secs", text) * 1000 for name in names], number(r"Requests/sec:\s+([\d.]+)", text)

        def autocannon(text):
            told = first_json(text)
            return [told["latency"]["p" + name] for name in names], told["requests"]["average"]

        def fortio(text):
            told = first_json(text)
            values = {f"{one['Percentile']:g}": one["Value"] * 1000 for one in told["DurationHistogram"]["Percentiles"]}
            return [values[name] for name in names], told["ActualQPS"]

        def k6(_):
            with open(self.path("k6.json")) as summary: told = json.load(summary)["metrics"]
            return [told["http_req_duration"][f"p({name})"] for name in names], told["http_reqs"]["rate"]

        def oha(text):
            told = json.loads(text)
            return [told["latencyPercentiles"]["p" + name] * 1000 for name in names], told["summary"]["requestsPerSec"]

        with open(self.path("rate.js"), "w") as script:
            script.write("import http from 'k6/http';\nexport const options = { scenarios: { steady: { executor: 'constant-arrival-rate', "
                         f"rate: {rate}, timeUnit: '1s', duration: '{d}', preAllocatedVUs: {connections}, maxVUs: 4096 }} }} }};\n"
                         f"export default function () {{ http.get('{URL}'); }}\n")
        attack = (f"echo GET {URL} | {find('vegeta')} attack -rate={r} -duration={d} -max-workers=256 | {find('vegeta')} report -type=json")
        return self.present({}, {
            "vegeta": ([find("vegeta") and "/bin/bash" or "", "-c", attack], vegeta),
            "h2load": ([find("h2load") or "", "--h1", "-t1", "-c" + c, "-D" + str(seconds), f"--rps={rate / connections:g}",
                        "--log-file=" + self.path("h2load.log"), URL], h2load),
            "bombardier": ([find("bombardier") or "", "-c", c, "-d", d, "-r", r, "-l", "-p", "r", "-o", "json", URL], bombardier),
            "hey": ([find("hey") or "", "-c", c, "-z", d, "-q", f"{rate / connections:g}", URL], hey),
            "autocannon": ([find("autocannon") or "", "-c", c, "-d", str(seconds), "-R", r, "-j", URL], autocannon),
            "fortio": ([find("fortio") or "", "load", "-quiet", "-qps", r, "-c", c, "-t", d, "-p", "50,90,99", "-json", "-", URL], fortio),
            "k6": ([find("k6") or "", "run", "--quiet", "--no-usage-report", "--summary-trend-stats", "p(50),p(90),p(99)",
                    "--summary-export", self.path("k6.json"), self.path("rate.js")], k6),
            "oha": ([find("oha") or "", "-c", c, "-z", d, "-q", r, "--latency-correction", "--no-tui", "--output-format", "json", URL], oha)})

    def own(self, connections, seconds):
        """Ours alone, of one server: a fixed request, and requests with all that one's own may have."""
        def file(name, text):
            with open(self.path(f"own-{name}.yaml"), "w") as made: made.write(text)
            return made.name
        url = f"http://127.0.0.1:{PORT}/"
        mix = "".join(f"- path: /{i}/{{1..100000}}?u={{seq}}\n  expect: {{json: {{/id: {i}}}}}\n" for i in range(8))
        session = ("session:\n- path: /0/login?u={1..1000}\n  take: {token: /token}\n"
                   "- path: /1/orders\n  headers: {Authorization: 'Bearer {token}'}\n  take: {id: /id}\n- path: /2/orders/{id}\n")
        ask = lambda *more: ([self.dyno, url, "-c", str(connections), "-d", f"{seconds}s", "-w", "200ms", *more, "--json"],
                             lambda text: self.without_errors(json.loads(text)))
        return {"fixed request": ask("--requests", file("fixed", "- path: /0/7\n")),
                "drawn paths, a mix of eight, every answer checked": ask("--requests", file("mix", mix), "--sample", "1"),
                "sessions of three steps": ask("--requests", file("session", session))}

    @staticmethod
    def without_errors(report):
        if any(report["errors"].values()): raise RuntimeError(f"errors: {report['errors']} {report['bad_bodies']}")
        return report["throughput_per_s"]

    def ours(self, url, connections, seconds, *more):
        """dyno-load over both transports."""
        return {f"dyno-load {transport}": ([self.dyno, url, "-c", str(connections), "-d", f"{seconds}s", "-w", "0s", "--transport", transport,
                                            "--json", *more], lambda text: json.loads(text)["throughput_per_s"])
                for transport in ("io_uring", "epoll")}

    def paired(self, before, transport, connections, seconds, pipeline):
        """dyno-load of this build and that of another one, over one transport."""
        programs = {"now": self.dyno, "before": before}
        options = ["-c", str(connections), "-d", f"{seconds}s", "-w", "200ms", "-p", str(pipeline), "--transport", transport, "--json"]
        return {name: ([program, URL, *options], lambda text: json.loads(text)["throughput_per_s"]) for name, program in programs.items()}

    def tls(self, connections, seconds):
        c, d = str(connections), f"{seconds}s"
        return self.present(self.ours(TLS_URL, connections, seconds, "-k"), {
            "wrk": ([find("wrk") or "", "-t1", "-c" + c, "-d" + d, TLS_URL], lambda text: number(r"Requests/sec:\s+([\d.]+)", text)),
            "h2load": ([find("h2load") or "", "--h1", "-t1", "-c" + c, "-D" + str(seconds), TLS_URL],
                       lambda text: number(r"finished in [\d.]+\w+, ([\d.]+) req/s", text))})

    def http2(self, connections, streams, seconds):
        return self.present(self.ours(URL, connections, seconds, "--http2", "-p", str(streams)), {
            "h2load": ([find("h2load") or "", "-t1", "-c" + str(connections), "-m" + str(streams), "-D" + str(seconds), URL],
                       lambda text: number(r"finished in [\d.]+\w+, ([\d.]+) req/s", text))})
