#!/usr/bin/env python3
"""Compares dyno-load with other load generators: the same server, the same cores, interleaved rounds, medians of paired ratios.

  tests/bench/loadgen/bench.py --build build/release              everything that is installed
  tests/bench/loadgen/bench.py --build build/release --install    first fetch what apt, npm, Go and cargo offer
  … --only closed,pipelined,tls,http2,open,ping,stall --rounds 7 --seconds 3
  … --write daemon/docs/load.md                                   put the tables where that page has room for them

Server on one CPU, generators on another (--server-cpu, --cpu). Refuses a busy machine unless told --busy: its figures mean nothing.
Prints Markdown. Absolute rates belong to this machine and hour; ratios within a round travel.
"""
import argparse, json, os, re, shutil, signal, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.expanduser(os.environ.get("BENCH_CACHE", "~/.cache/stackdyno-bench"))
PORT = 18099
URL = f"http://127.0.0.1:{PORT}/plaintext"
TLS_URL = f"https://127.0.0.1:{PORT}/plaintext"
PIPELINE_LUA = 'init=function(a) local t={} for i=1,%d do t[i]=wrk.format() end; r=table.concat(t) end\nrequest=function() return r end\n'
GO_PEERS = {"hey": "github.com/rakyll/hey@latest", "bombardier": "github.com/codesenberg/bombardier@latest",
            "vegeta": "github.com/tsenart/vegeta/v12@latest", "fortio": "fortio.org/fortio@latest", "k6": "go.k6.io/k6@latest"}


def install():
    os.makedirs(CACHE + "/bin", exist_ok=True)
    def attempt(what, command, **more):
        print(f"installing {what}", file=sys.stderr)
        if subprocess.run(command, **more).returncode != 0: print(f"  {what}: not available here", file=sys.stderr)
    attempt("wrk, h2load", ["apt-get", "install", "-y", "-qq", "wrk", "nghttp2-client"])
    if shutil.which("npm"): attempt("autocannon", ["npm", "install", "--silent", "--prefix", CACHE, "autocannon"])
    if shutil.which("go"):
        for name, module in GO_PEERS.items(): attempt(name, ["go", "install", module], env=dict(os.environ, GOBIN=CACHE + "/bin"))
    if shutil.which("cargo"): attempt("oha", ["cargo", "install", "--quiet", "--root", CACHE, "oha"])


def find(name):
    if name == "bombardier": return shutil.which(name, path=CACHE + "/bin")  # Debian's package of that name is a game
    return shutil.which(name, path=f"{CACHE}/bin:{CACHE}/node_modules/.bin:" + os.environ["PATH"])


def run(command, cpu):
    """Output, CPU-seconds and peak memory of a pinned command."""
    with tempfile.TemporaryFile() as out:
        begin = time.monotonic()
        process = subprocess.Popen(["taskset", "-c", str(cpu)] + command, stdout=out, stderr=subprocess.STDOUT)
        peak = 0  # from /proc: the peak that wait4 tells begins with ours, copied by fork
        done = 0
        while done == 0:
            try:
                with open(f"/proc/{process.pid}/status") as status_file: peak = int(re.search(r"VmHWM:\s+(\d+)", status_file.read()).group(1))
            except (OSError, AttributeError): pass
            time.sleep(0.1)
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode(errors="replace")
    if process.returncode != 0: raise RuntimeError(f"{' '.join(command)}: {text[-300:]}")
    return text, usage.ru_utime + usage.ru_stime, peak / 1024, time.monotonic() - begin


class Page:
    """Prints a part, and puts it into the page that was named."""
    def __init__(self, path): self.path = path

    def put(self, name, lines):
        text = "\n".join(lines)
        print("\n" + text, flush=True)
        if not self.path: return
        with open(self.path) as page: whole = page.read()
        begin, end = f"<!-- bench {name} -->", "<!-- end -->"
        if begin not in whole: return print(f"{self.path} has no room for {name}", file=sys.stderr)
        head, rest = whole.split(begin, 1)
        with open(self.path, "w") as page: page.write(f"{head}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}")


def number(pattern, text):
    found = re.search(pattern, text)
    if not found: raise RuntimeError(f"no {pattern} in: {text[-300:]}")
    return float(found.group(1))


class Generators:
    """How each is asked for a closed loop; every entry yields requests a second."""
    def __init__(self, build):
        self.dyno = build + "/bin/dyno-load"
        self.bare = build + "/tests/bare_loop"

    def closed(self, connections, seconds, pipeline=1):
        c, d = str(connections), f"{seconds}s"
        dyno = lambda transport: ([self.dyno, URL, "-c", c, "-d", d, "-w", "0s", "-p", str(pipeline), "--transport", transport, "--json"],
                                  lambda text: json.loads(text)["throughput_per_s"])
        all_of_them = {"dyno-load io_uring": dyno("io_uring"), "dyno-load epoll": dyno("epoll")}
        wrk = [find("wrk") or "", "-t1", "-c" + c, "-d" + d, URL]
        if pipeline > 1:
            with open(os.path.join(tempfile.gettempdir(), f"pipeline-{pipeline}.lua"), "w") as script: script.write(PIPELINE_LUA % pipeline)
            wrk[-1:-1] = ["-s", script.name]
        peers = {"wrk": (wrk, lambda text: number(r"Requests/sec:\s+([\d.]+)", text)),
                 "h2load": ([find("h2load") or "", "--h1", "-t1", "-c" + c, "-m" + str(pipeline), "-D" + str(seconds), URL],
                            lambda text: number(r"finished in [\d.]+\w+, ([\d.]+) req/s", text))}
        if pipeline == 1:
            peers["bare send/recv loop"] = ([self.bare, str(PORT), c, str(seconds)], lambda text: float(text.split()[0]))
            peers["bombardier"] = ([find("bombardier") or "", "-c", c, "-d", d, "-p", "r", "-o", "json", URL],
                                   lambda text: json.loads(text)["result"]["rps"]["mean"])
            peers["hey"] = ([find("hey") or "", "-c", c, "-z", d, URL], lambda text: number(r"Requests/sec:\s+([\d.]+)", text))
            peers["autocannon"] = ([find("autocannon") or "", "-c", c, "-d", str(seconds), "-j", URL],
                                   lambda text: json.loads(text[text.index("{"):])["requests"]["average"])
            attack = (f"echo GET {URL} | {find('vegeta')} attack -rate=0 -workers={c} -max-workers={c} -duration={d} | "
                      f"{find('vegeta')} report -type=json")
            peers["vegeta"] = ([find("vegeta") and "/bin/bash" or "", "-c", attack], lambda text: json.loads(text)["throughput"])
            peers["fortio"] = ([find("fortio") or "", "load", "-quiet", "-qps", "0", "-c", c, "-t", d, "-json", "-", URL],
                               lambda text: json.loads(text[text.index("{"):])["ActualQPS"])
            with open(os.path.join(tempfile.gettempdir(), "closed.js"), "w") as script:
                script.write(f"import http from 'k6/http';\nexport default function () {{ http.get('{URL}'); }}\n")
            peers["k6"] = ([find("k6") or "", "run", "--quiet", "--no-usage-report", "--vus", c, "--duration", d, script.name],
                           lambda text: number(r"http_reqs[.\s]*:\s*\d+\s+([\d.]+)/s", text))
            peers["oha"] = ([find("oha") or "", "-c", c, "-z", d, "--no-tui", "--output-format", "json", URL],
                            lambda text: json.loads(text)["summary"]["requestsPerSec"])
        return self.present(all_of_them, peers)

    def present(self, ours, peers):
        return {**ours, **{name: how for name, how in peers.items() if how[0][0] and os.path.exists(how[0][0])}}

    def ours(self, url, connections, seconds, *more):
        """dyno-load over both transports."""
        return {f"dyno-load {transport}": ([self.dyno, url, "-c", str(connections), "-d", f"{seconds}s", "-w", "0s", "--transport", transport,
                                            "--json", *more], lambda text: json.loads(text)["throughput_per_s"])
                for transport in ("io_uring", "epoll")}

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


class Responder:
    def __init__(self, build, cpu, stall=()):
        self.command = [build + "/tests/responder", str(PORT), str(cpu)] + [str(part) for part in stall]

    def __enter__(self):
        deadline = time.monotonic() + 10
        self.process = None
        while time.monotonic() < deadline:
            # io_uring gives the port of the responder before back a little after its end: then this one ends at once, and is started again.
            if self.process is None or self.process.poll() is not None:
                self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            time.sleep(0.1)
            listens = subprocess.run(["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{PORT}"], stderr=subprocess.DEVNULL).returncode == 0
            if listens and self.process.poll() is None: return self
        raise RuntimeError("the responder does not listen")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.arrivals = self.process.communicate(timeout=10)[0].split()


class TlsResponder:
    """Answers over TLS 1.3 with a certificate made for the occasion."""
    def __init__(self, build, cpu): self.command = [build + "/tests/tls_responder", str(PORT), str(cpu)]

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        certificate, key = self.folder.name + "/cert.pem", self.folder.name + "/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
        self.process = subprocess.Popen(self.command + [certificate, key])
        time.sleep(1)
        if self.process.poll() is not None: raise RuntimeError("the TLS responder does not start")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)
        self.folder.cleanup()


def spread(values):
    middle = statistics.median(values)
    return 1.4826 * statistics.median(abs(value - middle) for value in values) / middle * 100 if middle else 0


def throughput_table(options, page, name, title, server, generators, base_name="wrk"):
    rows = {}
    with server:
        for round_number in range(options.rounds):
            entries = list(generators.items())
            shift = round_number % len(entries)
            for generator, (command, rate_of) in entries[shift:] + entries[:shift]:
                try:
                    text, cpu, rss, wall = run(command, options.cpu)
                    rate = rate_of(text)
                    rows.setdefault(generator, []).append((rate, cpu / (rate * options.seconds) * 1e6, rss))
                except (RuntimeError, ValueError, KeyError, ZeroDivisionError) as problem:
                    print(f"{generator}: {problem}", file=sys.stderr)
    lines = [f"{title}: {options.rounds} interleaved rounds of {options.seconds} s, {options.stamp}", "",
             f"| generator | requests/s | spread % | CPU-s per million | × {base_name} | CPU × {base_name} | memory MiB | n |", "|---|---|---|---|---|---|---|---|"]
    base = rows.get(base_name)
    for generator, results in sorted(rows.items(), key=lambda row: -statistics.median(result[0] for result in row[1])):
        paired = base is not None and len(base) == len(results)
        ratio = f"{statistics.median(a[0] / b[0] for a, b in zip(results, base)):.2f}" if paired else "–"
        cpu_ratio = f"{statistics.median(a[1] / b[1] for a, b in zip(results, base)):.2f}" if paired else "–"
        lines.append(f"| {generator} | {statistics.median(r[0] for r in results):,.0f} | {spread([r[0] for r in results]):.1f} | "
                     f"{statistics.median(r[1] for r in results):.2f} | {ratio} | {cpu_ratio} | {statistics.median(r[2] for r in results):.1f} | {len(results)} |")
    page.put(name, lines)


def dyno_open(options, transport, rate, seconds):
    text, *_ = run([options.build + "/bin/dyno-load", URL, "-c", "64", "-d", f"{seconds}s", "-w", "1s", "-r", str(rate), "--spin",
                    "--transport", transport, "--json"], options.cpu)
    return json.loads(text)


def ping_pong_us(options, transport):
    """One connection, the next request when the answer is there: what a round trip takes with nobody else about."""
    with Responder(options.build, options.server_cpu):
        text, *_ = run([options.build + "/bin/dyno-load", URL, "-c", "1", "-d", "1s", "-w", "0s", "--transport", transport, "--json"], options.cpu)
    return json.loads(text)["service_time"]["p50_ns"] / 1000


def open_table(options, page):
    lines = [f"Open loop, hybrid wait: {options.rounds} rounds of {options.seconds} s, {options.stamp}", "",
             "| transport | rate/s | achieved/s | send error p50 µs | p99 µs | latency p50 µs | arrivals per ms, sd/mean | n |", "|---|---|---|---|---|---|---|---|"]
    for transport in ("io_uring", "epoll"):
        for rate in (100, 1000, 10_000, 30_000, 50_000, 100_000):
            results, burst = [], []
            for _ in range(options.rounds):
                with Responder(options.build, options.server_cpu) as server: results.append(dyno_open(options, transport, rate, options.seconds))
                if len(server.arrivals) == 2 and float(server.arrivals[0]) > 1: burst.append(float(server.arrivals[1]) / float(server.arrivals[0]))
            # Absent: too few requests for that percentile, or less than one a millisecond.
            middle = lambda values: statistics.median(values) if values else None
            times = lambda key, part: middle([result[key][part] / 1000 for result in results if part in result[key]])
            told = lambda value, digits: "–" if value is None else f"{value:.{digits}f}"
            lines.append(f"| {transport} | {rate} | {statistics.median(r['throughput_per_s'] for r in results):,.1f} | {told(times('send_error', 'p50_ns'), 2)} | "
                  f"{told(times('send_error', 'p99_ns'), 1)} | {told(times('latency', 'p50_ns'), 1)} | {told(middle(burst), 2)} | {len(results)} |")
    page.put("open", lines)


def ping_pong_table(options, page):
    lines = []
    for transport in ("io_uring", "epoll"):
        trips = [ping_pong_us(options, transport) for _ in range(options.rounds)]
        lines.append(f"A ping-pong on one connection by {transport}: p50 {statistics.median(trips):.1f} µs (spread {spread(trips):.1f} %, n = {len(trips)}, {options.stamp}).")
    page.put("ping", lines)


def model(rate, capacity, stall_s, every_s, seconds=20):
    """Latencies in ms of evenly spaced requests before one server that answers `capacity` a second and stalls."""
    done, latencies = 0.0, []
    for k in range(int(rate * seconds)):
        due = k / rate
        start = max(due, done)
        into = start % every_s
        if into < stall_s: start += stall_s - into
        done = start + 1 / capacity
        latencies.append((done - due) * 1000)
    latencies.sort()
    return lambda percent: latencies[min(len(latencies) - 1, int(len(latencies) * percent / 100))]


def stall_table(options, page):
    rate, stall_ms, every_ms = 10_000, 100, 1000
    percents = (50, 90, 99)
    stalls = (stall_ms, every_ms)

    def truth():
        """The model's percentiles at the capacity that a closed loop finds now: it drifts with the machine, so each round asks anew."""
        with Responder(options.build, options.server_cpu):
            text, *_ = run([options.build + "/bin/dyno-load", URL, "-c", "64", "-d", "1s", "-w", "0s", "--json"], options.cpu)
        of = model(rate, json.loads(text)["throughput_per_s"], stall_ms / 1000, every_ms / 1000)
        return [of(percent) for percent in percents]

    def dyno(transport):
        with Responder(options.build, options.server_cpu, stalls): result = dyno_open(options, transport, rate, 10)
        told = [result["latency"][f"p{percent}_ns"] / 1e6 for percent in percents]
        return told, result["service_time"]["p99_ns"] / 1e6, result["throughput_per_s"]

    def vegeta():
        command = (f"echo GET {URL} | {find('vegeta')} attack -rate={rate} -duration=10s -max-workers=256 | "
                   f"{find('vegeta')} report -type=json")
        with Responder(options.build, options.server_cpu, stalls): told = json.loads(run(["bash", "-c", command], options.cpu)[0])
        return [told["latencies"][name] / 1e6 for name in ("50th", "90th", "99th")], None, told["throughput"]

    generators = {f"dyno-load {transport}": (lambda transport=transport: dyno(transport)) for transport in ("io_uring", "epoll")}
    if find("vegeta"): generators["vegeta"] = vegeta
    truths, told = [], {name: [] for name in generators}
    for _ in range(options.rounds):
        truths.append(truth())
        for name, measure in generators.items(): told[name].append(measure())
    row = lambda values: " | ".join(f"{value:.2f}" for value in values)
    lines = [f"A server that stalls {stall_ms} ms every second, {rate}/s, what is told in ms: {options.rounds} interleaved rounds of 10 s, {options.stamp}", "",
             "| generator | p50 | p90 | p99 | p90 × truth | p99 × truth | uncorrected p99 | achieved/s | n |", "|---|---|---|---|---|---|---|---|---|",
             "| the truth (model, at the capacity found in each round) | " +
             row(statistics.median(one[i] for one in truths) for i in range(3)) + f" | 1 | 1 | | {rate} | {len(truths)} |"]
    for name, results in told.items():
        ratios = [statistics.median(result[0][i] / true[i] for result, true in zip(results, truths)) for i in (1, 2)]
        uncorrected = f"{statistics.median(result[1] for result in results):.2f}" if results[0][1] is not None else "–"
        lines.append(f"| {name} | " + row(statistics.median(result[0][i] for result in results) for i in range(3)) + f" | {row(ratios)} | "
                     f"{uncorrected} | {statistics.median(result[2] for result in results):,.0f} | {len(results)} |")
    page.put("stall", lines)


def machine():
    with open("/proc/cpuinfo") as cpuinfo: model_name = re.search(r"model name\s*:\s*(.*)", cpuinfo.read())
    return f"{model_name.group(1) if model_name else 'unknown CPU'}, {os.cpu_count()} CPUs, kernel {os.uname().release}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build folder in which bench_loadgen was built")
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--only", default="closed,pipelined,tls,http2,open,ping,stall")
    parser.add_argument("--write", help="page whose parts between <!-- bench NAME --> and <!-- end --> are replaced by the tables")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--cpu", type=int, default=0)
    parser.add_argument("--server-cpu", type=int, default=1)
    parser.add_argument("--busy", action="store_true", help="measure although the machine is not idle")
    options = parser.parse_args()
    if options.install: install()
    load = os.getloadavg()[0]
    if load > 0.5 and not options.busy: sys.exit(f"the machine is busy (load {load:.1f}): wait, or say --busy and believe nothing")
    generators = Generators(options.build)
    options.stamp = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    page = Page(options.write)
    print(f"Machine: {machine()}; load before {load:.2f}; {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}")
    wanted = options.only.split(",")
    server = lambda *more: Responder(options.build, options.server_cpu, more)
    empty_call = run([options.build + "/tests/bare_loop"], options.cpu)[0].strip()
    page.put("machine", [f"Machine: {machine()}; an empty system call takes {empty_call} ns; server on CPU {options.server_cpu}, generator on CPU {options.cpu}. Spread: 1.4826 × the median absolute "
                         "deviation. Ratios are medians of the ratios within a round."])
    if "closed" in wanted:
        for connections in (16, 64, 256, 1024):
            throughput_table(options, page, f"closed-{connections}", f"Closed loop, {connections} connections", server(),
                             generators.closed(connections, options.seconds))
    if "pipelined" in wanted:
        for depth in (16, 64):
            throughput_table(options, page, f"pipelined-{depth}", f"Pipelined {depth} deep, 64 connections", server(),
                             generators.closed(64, options.seconds, depth))
    if "tls" in wanted:
        throughput_table(options, page, "tls", "TLS 1.3, 64 connections", TlsResponder(options.build, options.server_cpu), generators.tls(64, options.seconds))
    if "http2" in wanted:
        for connections, streams in ((64, 1), (16, 32)):
            throughput_table(options, page, f"http2-{streams}", f"HTTP/2 without TLS, {connections} connections with {streams} streams each", server("h2"),
                             generators.http2(connections, streams, options.seconds), "h2load")
    if "open" in wanted: open_table(options, page)
    if "ping" in wanted: ping_pong_table(options, page)
    if "stall" in wanted: stall_table(options, page)


if __name__ == "__main__": main()
