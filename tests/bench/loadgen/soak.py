#!/usr/bin/env python3
"""Does dyno-load stay whole? Full rate over very many connections for minutes, the server killed and started anew in the middle.

  tests/bench/loadgen/soak.py --build build/release [--connections 10000] [--minutes 10] [--transport epoll|io_uring]

Reads memory and open descriptors of dyno-load once a second. Fails unless, after the first tenth, memory grows by less than 2 % and at the
end as many descriptors are open as connections need; and unless the counts add up: sent = good + errors of sent requests + in flight.
Prints Markdown. How fast it is says nothing here, so other work may go on meanwhile.
"""
import argparse, json, os, re, resource, statistics, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench

NOT_SENT = ("connect", "dropped")  # errors that belong to no sent request


def reading(pid):
    with open(f"/proc/{pid}/status") as status: resident = int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))
    tables = [len(os.listdir(f"/proc/{pid}/task/{thread}/fd")) for thread in os.listdir(f"/proc/{pid}/task")]  # a worker has its own
    return resident / 1024, max(tables)


def soak(options, transport):
    seconds = int(options.minutes * 60)
    command = [options.build + "/bin/dyno-load", bench.URL, "-c", str(options.connections), "-d", f"{seconds}s", "-w", "1s",
               "--transport", transport, "--json"]
    readings = []
    server = bench.Responder(options.build, options.server_cpu).__enter__()
    load = subprocess.Popen(["taskset", "-c", str(options.cpu)] + command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    begin = time.monotonic()
    restarted = False
    try:
        while load.poll() is None:
            if not restarted and time.monotonic() - begin > seconds / 2:
                server.process.kill()
                server.process.wait()
                server = bench.Responder(options.build, options.server_cpu).__enter__()
                restarted = True
            try: readings.append(reading(load.pid))
            except (OSError, AttributeError): pass
            time.sleep(1)
        out, err = load.communicate()
    finally:
        if load.poll() is None: load.kill()
        server.__exit__()
    if load.returncode != 0: sys.exit(f"dyno-load: {err[-500:]}")
    report = json.loads(out)
    steady = readings[len(readings) // 10:-2]
    early = statistics.median(memory for memory, _ in steady[:10])
    late = statistics.median(memory for memory, _ in steady[-10:])
    descriptors = steady[-1][1]
    failed = sum(count for kind, count in report["errors"].items() if kind not in NOT_SENT)
    missing = report["sent"] - report["good"] - failed - report["in_flight"]
    print(f"| {transport} | {report['window_s']:.0f} | {report['good']:,} | {json.dumps({k: n for k, n in report['errors'].items() if n})} | {report['reconnects']:,} | "
          f"{missing} | {early:.1f} | {late:.1f} | {steady[9][1]} | {descriptors} |", flush=True)
    faults = []
    if missing != 0: faults.append(f"{missing} requests are in no count")
    if late > early * 1.02: faults.append(f"memory grew from {early:.1f} to {late:.1f} MiB")
    if descriptors > options.connections + 32: faults.append(f"{descriptors} descriptors for {options.connections} connections")
    if report["reconnects"] < options.connections: faults.append("not every connection came back after the server did")
    return [f"{transport}: {fault}" for fault in faults]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build folder in which bench_loadgen was built")
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--transport", choices=("epoll", "io_uring"), help="only this one")
    parser.add_argument("--cpu", type=int, default=0)
    parser.add_argument("--server-cpu", type=int, default=1)
    options = parser.parse_args()
    needed = options.connections + 1024
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed: sys.exit(f"{needed} descriptors are needed, {hard} allowed (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))  # the responder does not raise its own
    bench.own_network()
    print(f"{options.connections:,} connections, server killed in the middle; {bench.machine()}; {time.strftime('%Y-%m-%d', time.gmtime())}\n")
    print("| transport | s | good | errors | reconnects | in no count | MiB early | MiB late | descriptors early | late |\n|---|---|---|---|---|---|---|---|---|---|")
    faults = []
    for transport in [options.transport] if options.transport else ["io_uring", "epoll"]: faults += soak(options, transport)
    for fault in faults: print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__": main()
