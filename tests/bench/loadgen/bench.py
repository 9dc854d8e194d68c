#!/usr/bin/env python3
"""Compares dyno-load with other load generators: the same server, the same cores, interleaved rounds, medians of paired ratios.

  tests/bench/loadgen/bench.py --build build/release              everything that is installed
  tests/bench/loadgen/bench.py --build build/release --install    first fetch what apt, npm, Go and cargo offer
  … --only closed,pipelined,open,stall --rounds 7 --seconds 3

Server on one CPU, generators on another (--server-cpu, --cpu). Refuses a busy machine unless told --busy: its figures mean nothing.
Prints Markdown. Absolute rates belong to this machine and hour; ratios within a round travel.
"""
import argparse, json, os, re, shutil, signal, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.expanduser(os.environ.get("BENCH_CACHE", "~/.cache/stackdyno-bench"))
PORT = 18099
URL = f"http://127.0.0.1:{PORT}/plaintext"
PIPELINE_LUA = 'init=function(a) wrk.init(a); local t={} for i=1,%d do t[i]=wrk.format() end; r=table.concat(t) end\nrequest=function() return r end\n'
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
            peers["oha"] = ([find("oha") or "", "-c", c, "-z", d, "--no-tui", "--output-format", "json", URL],
                            lambda text: json.loads(text)["summary"]["requestsPerSec"])
        all_of_them.update({name: how for name, how in peers.items() if how[0][0] and os.path.exists(how[0][0])})
        return all_of_them


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


def spread(values):
    middle = statistics.median(values)
    return 1.4826 * statistics.median(abs(value - middle) for value in values) / middle * 100 if middle else 0


def closed_table(options, generators, connections, pipeline):
    rows = {}
    with Responder(options.build, options.server_cpu):
        for round_number in range(options.rounds):
            entries = list(generators.closed(connections, options.seconds, pipeline).items())
            shift = round_number % len(entries)
            for name, (command, rate_of) in entries[shift:] + entries[:shift]:
                try:
                    text, cpu, rss, wall = run(command, options.cpu)
                    rate = rate_of(text)
                    rows.setdefault(name, []).append((rate, cpu / (rate * options.seconds) * 1e6, rss))
                except (RuntimeError, ValueError, KeyError, ZeroDivisionError) as problem:
                    print(f"{name}: {problem}", file=sys.stderr)
    title = f"pipelined {pipeline}, c = {connections}" if pipeline > 1 else f"closed loop, c = {connections}"
    print(f"\n### {title}: {options.rounds} interleaved rounds of {options.seconds} s\n")
    print("| generator | requests/s | spread % | CPU-s per million | × wrk | CPU × wrk | memory MiB | n |\n|---|---|---|---|---|---|---|---|")
    base = rows.get("wrk")
    for name, results in sorted(rows.items(), key=lambda row: -statistics.median(result[0] for result in row[1])):
        paired = base is not None and len(base) == len(results)
        ratio = f"{statistics.median(a[0] / b[0] for a, b in zip(results, base)):.2f}" if paired else "–"
        cpu_ratio = f"{statistics.median(a[1] / b[1] for a, b in zip(results, base)):.2f}" if paired else "–"
        print(f"| {name} | {statistics.median(r[0] for r in results):,.0f} | {spread([r[0] for r in results]):.1f} | "
              f"{statistics.median(r[1] for r in results):.2f} | {ratio} | {cpu_ratio} | {statistics.median(r[2] for r in results):.1f} | {len(results)} |")


def dyno_open(options, transport, rate, seconds):
    text, *_ = run([options.build + "/bin/dyno-load", URL, "-c", "64", "-d", f"{seconds}s", "-w", "1s", "-r", str(rate), "--spin",
                    "--transport", transport, "--json"], options.cpu)
    return json.loads(text)


def open_table(options):
    print(f"\n### Open loop: does it send when it says? {options.rounds} rounds of {options.seconds} s, hybrid wait\n")
    print("| transport | rate/s | achieved/s | send error p50 | p99 µs | latency p50 µs | arrivals per ms, sd/mean | n |\n|---|---|---|---|---|---|---|---|")
    for transport in ("io_uring", "epoll"):
        for rate in (100, 1000, 10_000, 30_000, 50_000, 100_000):
            results, burst = [], []
            for _ in range(options.rounds):
                with Responder(options.build, options.server_cpu) as server: results.append(dyno_open(options, transport, rate, options.seconds))
                if len(server.arrivals) == 2 and float(server.arrivals[0]) > 1: burst.append(float(server.arrivals[1]) / float(server.arrivals[0]))
            middle = lambda key, part: statistics.median(result[key].get(part, float("nan")) for result in results) / 1000
            print(f"| {transport} | {rate} | {statistics.median(r['throughput_per_s'] for r in results):,.1f} | {middle('send_error', 'p50_ns'):.2f} | "
                  f"{middle('send_error', 'p99_ns'):.1f} | {middle('latency', 'p50_ns'):.1f} | {statistics.median(burst) if burst else float('nan'):.2f} | {len(results)} |")


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


def stall_table(options):
    rate, stall_ms, every_ms = 10_000, 100, 1000
    with Responder(options.build, options.server_cpu):
        text, *_ = run([options.build + "/bin/dyno-load", URL, "-c", "64", "-d", "2s", "--json"], options.cpu)
        capacity = json.loads(text)["throughput_per_s"]
    truth = model(rate, capacity, stall_ms / 1000, every_ms / 1000)
    print(f"\n### A server that stalls {stall_ms} ms every second, {rate}/s: what is told (ms)\n")
    print("| generator | p50 | p90 | p99 | uncorrected p99 | achieved/s | n |\n|---|---|---|---|---|---|---|")
    print(f"| the truth (model at {capacity:,.0f}/s capacity) | {truth(50):.2f} | {truth(90):.2f} | {truth(99):.2f} | | {rate} | |")
    for transport in ("io_uring", "epoll"):
        results = []
        for _ in range(options.rounds):
            with Responder(options.build, options.server_cpu, (stall_ms, every_ms)): results.append(dyno_open(options, transport, rate, 10))
        middle = lambda key, part: statistics.median(result[key][part] for result in results) / 1e6
        print(f"| dyno-load {transport} | {middle('latency', 'p50_ns'):.2f} | {middle('latency', 'p90_ns'):.2f} | {middle('latency', 'p99_ns'):.2f} | "
              f"{middle('service_time', 'p99_ns'):.2f} | {statistics.median(r['throughput_per_s'] for r in results):,.0f} | {len(results)} |")
    peers = {"h2load --rps": ([find("h2load") or "", "--h1", "-t1", "-c64", "-D10", f"--rps={rate / 64}", URL], None),
             "vegeta": (["bash", "-c", f"echo GET {URL} | {find('vegeta')} attack -rate={rate} -duration=10s -max-workers=256 | {find('vegeta')} report -type=json"],
                        lambda text: [json.loads(text)["latencies"][name] / 1e6 for name in ("50th", "90th", "99th")])}
    for name, (command, read) in peers.items():
        if read is None or "None" in " ".join(command): continue
        results = []
        for _ in range(options.rounds):
            with Responder(options.build, options.server_cpu, (stall_ms, every_ms)): results.append(read(run(command, options.cpu)[0]))
        print(f"| {name} | " + " | ".join(f"{statistics.median(r[i] for r in results):.2f}" for i in range(3)) + f" | | | {len(results)} |")


def machine():
    with open("/proc/cpuinfo") as cpuinfo: model_name = re.search(r"model name\s*:\s*(.*)", cpuinfo.read())
    return f"{model_name.group(1) if model_name else 'unknown CPU'}, {os.cpu_count()} CPUs, kernel {os.uname().release}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build folder in which bench_loadgen was built")
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--only", default="closed,pipelined,open,stall")
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
    print(f"Machine: {machine()}; load before {load:.2f}; {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}")
    wanted = options.only.split(",")
    if "closed" in wanted:
        for connections in (16, 64, 256, 1024): closed_table(options, generators, connections, 1)
    if "pipelined" in wanted:
        for depth in (16, 64): closed_table(options, generators, 64, depth)
    if "open" in wanted: open_table(options)
    if "stall" in wanted: stall_table(options)


if __name__ == "__main__": main()
