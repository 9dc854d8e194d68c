#!/usr/bin/env python3
"""Compares dyno-load with other load generators: the same server, the same cores, interleaved rounds, medians of paired ratios.

  tests/bench/loadgen/bench.py --build build/release              everything that is installed
  tests/bench/loadgen/bench.py --build build/release --install    first fetch what apt, npm, Go and cargo offer
  … --only closed,pipelined,tls,http2,own,open,ping,stall --rounds 7 --seconds 3
  … --before ../old/build/release/bin/dyno-load --rounds 15      only: this build paired with another one, in the order now, before, before, now
  … --write daemon/docs/load.md                                   put the tables where that page has room for them

Server on one CPU, generators on another (--server-cpu, --cpu). Refuses a busy machine unless told --busy: its figures mean nothing.
Prints Markdown. Absolute rates belong to this machine and hour; ratios within a round travel.
"""
import argparse, ctypes, json, os, re, signal, statistics, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from peers import Generators, PORT, URL, install


def own_network():
    """Moves this process and what it starts into a network of its own: Docker's connection tracking on the loopback of the host is
    not what is compared. What that network is, in words."""
    clone_newnet = 0x40000000
    if ctypes.CDLL(None, use_errno=True).unshare(clone_newnet) == 0:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        where = "loopback of a network namespace of its own"
    else:
        where = "the host's loopback"  # no root
    with open("/proc/sys/net/ipv4/tcp_congestion_control") as control: return f"{where}, {control.read().strip()} congestion control"


def peak_kib(pid):
    """Peak memory of a process and its children. From /proc: the peak that wait4 tells begins with ours, copied by fork."""
    try:
        with open(f"/proc/{pid}/status") as status: own = re.search(r"VmHWM:\s+(\d+)", status.read())
        with open(f"/proc/{pid}/task/{pid}/children") as children: return int(own.group(1)) + sum(map(peak_kib, children.read().split()))
    except (OSError, AttributeError):
        return 0


def run(command, cpu):
    """Output, CPU-seconds and peak memory of a pinned command."""
    with tempfile.TemporaryFile() as out:
        begin = time.monotonic()
        process = subprocess.Popen(["taskset", "-c", str(cpu)] + command, stdout=out, stderr=subprocess.STDOUT)
        peak = 0
        done = 0
        while done == 0:
            peak = max(peak, peak_kib(process.pid))
            time.sleep(0.1)
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode(errors="replace")
    if process.returncode != 0: raise RuntimeError(f"{' '.join(command)}: {text[-300:]}")
    return text, usage.ru_utime + usage.ru_stime, peak / 1024, time.monotonic() - begin


class Quiet:
    """Keeps runs during which others had our CPUs (steal) out of the tables, and counts them."""
    most_stolen = 0.01  # of the time of a CPU
    tries = 4

    def __init__(self): self.restart()

    def restart(self): self.runs = self.repeated = self.noisy = 0

    @staticmethod
    def stolen_s():
        with open("/proc/stat") as stat: lines = [line.split() for line in stat if re.match(r"cpu\d", line)]
        return [int(line[8]) / os.sysconf("SC_CLK_TCK") for line in lines]

    def __call__(self, measure):
        """What `measure` yields, from the first undisturbed try, or from the last one."""
        self.runs += 1
        for _ in range(self.tries):
            begin, before = time.monotonic(), self.stolen_s()
            measured = measure()
            stolen = max(after - earlier for after, earlier in zip(self.stolen_s(), before))
            if stolen <= self.most_stolen * (time.monotonic() - begin): return measured
            self.repeated += 1
        self.noisy += 1
        return measured

    def __str__(self):
        if self.repeated == 0: return f"No run was disturbed: others took at most {self.most_stolen:.0%} of a CPU (steal)."
        runs = "1 run was" if self.repeated == 1 else f"{self.repeated} runs were"
        return (f"{runs} repeated because others took more than {self.most_stolen:.0%} of a CPU (steal). "
                f"{self.noisy} of {self.runs} results come from a run that was still disturbed after {self.tries} tries.")


class Page:
    """Prints a part, and puts it into the page that was named."""
    def __init__(self, path, quiet): self.path, self.quiet = path, quiet

    def put(self, name, lines):
        if self.quiet.runs: lines = lines + ["", str(self.quiet)]
        self.quiet.restart()
        text = "\n".join(lines)
        print("\n" + text, flush=True)
        if not self.path: return
        with open(self.path) as page: whole = page.read()
        begin, end = f"<!-- bench {name} -->", "<!-- end -->"
        if begin not in whole: return print(f"{self.path} has no room for {name}", file=sys.stderr)
        head, rest = whole.split(begin, 1)
        with open(self.path, "w") as page: page.write(f"{head}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}")


def listens():
    return subprocess.run(["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{PORT}"], stderr=subprocess.DEVNULL).returncode == 0


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
            if listens() and self.process.poll() is None: return self
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
        deadline = time.monotonic() + 10
        while not listens():
            if self.process.poll() is not None or time.monotonic() > deadline: raise RuntimeError("the TLS responder does not start")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)
        self.folder.cleanup()


def spread(values):
    middle = statistics.median(values)
    return 1.4826 * statistics.median(abs(value - middle) for value in values) / middle * 100 if middle else 0


def throughput_table(options, page, name, title, server, generators, *bases, digits=2):
    """One row a generator; `bases`: those that the others are compared with, in pairs of one round."""
    rows = {}
    with server:
        for round_number in range(options.rounds):
            entries = list(generators.items())
            shift = round_number % len(entries)
            for generator, (command, rate_of) in entries[shift:] + entries[:shift]:
                try:
                    text, cpu, rss, wall = options.quiet(lambda: run(command, options.cpu))
                    rate = rate_of(text)
                    rows.setdefault(generator, {})[round_number] = (rate, cpu / (rate * options.seconds) * 1e6, rss)
                except (RuntimeError, ValueError, KeyError, ZeroDivisionError) as problem:
                    print(f"{generator}: {problem}", file=sys.stderr)
    middle = lambda results, part: statistics.median(result[part] for result in results.values())

    def ratio(results, base, part):
        pairs = [(result, rows[base][number]) for number, result in results.items() if number in rows.get(base, {})]
        return f"{statistics.median(a[part] / b[part] for a, b in pairs):.{digits}f}" if pairs else "–"

    lines = [f"{title}: {options.rounds} interleaved rounds of {options.seconds} s, {options.stamp}", "",
             "| generator | requests/s | spread % | CPU-s per million | " + "".join(f"× {base} | CPU × {base} | " for base in bases) + "memory MiB | n |",
             "|---|---|---|---|" + "---|---|" * len(bases) + "---|---|"]
    for generator, results in sorted(rows.items(), key=lambda row: -middle(row[1], 0)):
        ratios = "".join(f"{ratio(results, base, 0)} | {ratio(results, base, 1)} | " for base in bases)
        lines.append(f"| {generator} | {middle(results, 0):,.0f} | {spread([r[0] for r in results.values()]):.1f} | {middle(results, 1):.2f} | "
                     f"{ratios}{middle(results, 2):.1f} | {len(results)} |")
    page.put(name, lines)
    return rows


# What drawn paths, a mix of eight with every answer held against a JSON pointer, and sessions must keep of the fixed request's rate.
OWN_BOUNDS = {"drawn paths, a mix of eight, every answer checked": 0.8, "sessions of three steps": 0.7}


def own_table(options, page, server, generators):
    """False where a bound is broken."""
    rows = throughput_table(options, page, "own", "Requests of one's own, closed loop, 64 connections", server, generators.own(64, options.seconds),
                            "fixed request", digits=3)
    fixed = rows.get("fixed request", {})
    ratios = {name: statistics.median(rows[name][number][0] / fixed[number][0] for number in rows[name] if number in fixed) for name in OWN_BOUNDS}
    lines = [f"{name}: {ratio:.3f} × the fixed request (at least {OWN_BOUNDS[name]})" for name, ratio in ratios.items()]
    page.put("own-bounds", ["; ".join(lines) + "."])
    return all(ratio >= OWN_BOUNDS[name] for name, ratio in ratios.items())


def open_run(options, transport, rate, seconds, stall=()):
    """dyno-load's report, and the mean and standard deviation of the arrivals per millisecond where there are enough."""
    with Responder(options.build, options.server_cpu, stall) as server: report = dyno_open(options, transport, rate, seconds)
    return report, [float(part) for part in server.arrivals]


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
                report, arrivals = options.quiet(lambda: open_run(options, transport, rate, options.seconds))
                results.append(report)
                if len(arrivals) == 2 and arrivals[0] > 1: burst.append(arrivals[1] / arrivals[0])
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
        trips = [options.quiet(lambda: ping_pong_us(options, transport)) for _ in range(options.rounds)]
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
    rate, stall_ms, every_ms, seconds = 10_000, 100, 1000, 5
    percents = (50, 90, 99)
    stalls = (stall_ms, every_ms)

    def truth():
        """The model's percentiles at the capacity that a closed loop finds now: it drifts with the machine, so each round asks anew."""
        with Responder(options.build, options.server_cpu):
            text, *_ = run([options.build + "/bin/dyno-load", URL, "-c", "64", "-d", "1s", "-w", "0s", "--json"], options.cpu)
        of = model(rate, json.loads(text)["throughput_per_s"], stall_ms / 1000, every_ms / 1000)
        return [of(percent) for percent in percents]

    def dyno(transport):
        result, _ = open_run(options, transport, rate, seconds, stalls)
        told = [result["latency"][f"p{percent}_ns"] / 1e6 for percent in percents]
        return told, result["service_time"]["p99_ns"] / 1e6, result["throughput_per_s"]

    def peer(name, command, told_by):
        try:
            with Responder(options.build, options.server_cpu, stalls): text = run(command, options.cpu)[0]
            (told, achieved) = told_by(text)
            return told, None, achieved
        except (RuntimeError, ValueError, KeyError, IndexError, OSError) as problem:
            print(f"{name}: {problem}", file=sys.stderr)
            return None

    generators = {f"dyno-load {transport}": (lambda transport=transport: dyno(transport)) for transport in ("io_uring", "epoll")}
    for name, how in Generators(options.build).at_rate(rate, 64, seconds).items(): generators[name] = lambda name=name, how=how: peer(name, *how)
    truths, told = [], {name: [] for name in generators}
    for round_number in range(options.rounds):
        truths.append(options.quiet(truth))
        for name, measure in generators.items():
            # Three rounds are enough to see what the others tell.
            if round_number < 3 or name.startswith("dyno-load"): told[name].append(options.quiet(measure))
    row = lambda values: " | ".join(f"{value:.2f}" for value in values)
    lines = [f"A server that stalls {stall_ms} ms every second, {rate}/s, what is told in ms: {options.rounds} interleaved rounds of {seconds} s, {options.stamp}", "",
             "| generator | p50 | p90 | p99 | p90 × truth | p99 × truth | uncorrected p99 | achieved/s | n |", "|---|---|---|---|---|---|---|---|---|",
             "| the truth (model, at the capacity found in each round) | " +
             row(statistics.median(one[i] for one in truths) for i in range(3)) + f" | 1 | 1 | | {rate} | {len(truths)} |"]
    for name, all_results in told.items():
        pairs = [(result, true) for result, true in zip(all_results, truths) if result is not None]
        if not pairs: continue
        results = [result for result, _ in pairs]
        ratios = [statistics.median(result[0][i] / true[i] for result, true in pairs) for i in (1, 2)]
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
    parser.add_argument("--only", default="closed,pipelined,tls,http2,own,open,ping,stall")
    parser.add_argument("--before", help="dyno-load of another build, with which this one is paired")
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
    options.quiet = Quiet()
    network = own_network()
    os.sched_setaffinity(0, {options.server_cpu})  # beside the server: looking on must not make a request late
    options.stamp = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    page = Page(options.write, options.quiet)
    print(f"Machine: {machine()}; load before {load:.2f}; {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}")
    wanted = [] if options.before else options.only.split(",")
    server = lambda *more: Responder(options.build, options.server_cpu, more)
    empty_call = run([options.build + "/tests/bare_loop"], options.cpu)[0].strip()
    page.put("machine", [f"Machine: {machine()}; an empty system call takes {empty_call} ns; server on CPU {options.server_cpu}, generator on CPU {options.cpu}; {network}. Spread: 1.4826 × the median absolute "
                         "deviation. Ratios are medians of the ratios within a round."])
    if options.before:
        for connections, pipeline in ((64, 1), (256, 1), (64, 64)):
            for transport in ("io_uring", "epoll"):
                title = f"Closed loop by {transport}, {connections} connections" + (f", pipelined {pipeline} deep" if pipeline > 1 else "")
                throughput_table(options, page, f"before-{transport}-{connections}-{pipeline}", title, server(),
                                 generators.paired(options.before, transport, connections, options.seconds, pipeline), "before", digits=3)
    if "closed" in wanted:
        for connections in (16, 64, 256, 1024):
            throughput_table(options, page, f"closed-{connections}", f"Closed loop, {connections} connections", server(),
                             generators.closed(connections, options.seconds), "wrk", "bare loop")
        throughput_table(options, page, "closed-others", "Closed loop, 64 connections, the others", server(),
                         generators.closed(64, options.seconds, slow=True), "wrk")
    if "pipelined" in wanted:
        for depth in (16, 64):
            throughput_table(options, page, f"pipelined-{depth}", f"Pipelined {depth} deep, 64 connections", server(),
                             generators.closed(64, options.seconds, depth), "wrk")
    if "tls" in wanted:
        throughput_table(options, page, "tls", "TLS 1.3, 64 connections", TlsResponder(options.build, options.server_cpu), generators.tls(64, options.seconds), "wrk")
    if "http2" in wanted:
        for connections, streams in ((64, 1), (16, 32)):
            throughput_table(options, page, f"http2-{streams}", f"HTTP/2 without TLS, {connections} connections with {streams} streams each", server("h2"),
                             generators.http2(connections, streams, options.seconds), "h2load")
    own_is_kept = own_table(options, page, server("json"), generators) if "own" in wanted else True
    if "open" in wanted: open_table(options, page)
    if "ping" in wanted: ping_pong_table(options, page)
    if "stall" in wanted: stall_table(options, page)
    if not own_is_kept: sys.exit("requests of one's own are slower than they may be")


if __name__ == "__main__": main()
