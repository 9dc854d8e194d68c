#!/usr/bin/env python3
"""Measures the questions across runs on made histories of 10^4 to 10^7 trials, and the real dynod on each: one command, a few minutes on a quiet machine.

    ninja -C BUILD history_bench dynod
    tests/bench/history/measure.py BUILD [--folder /tmp/history] [--nights 7 74 735 7353]

Makes the files that are missing (6.5 GB and some minutes for the largest). Prints for each question its median and 99th percentile at each size, then
start, resident memory and bytes per trial. The limits: history 10 ms, leaderboard and compare 30 ms, list of runs 5 ms, a trial 5 ms,
start 1 s, memory 64 MiB.
"""
import argparse
import http.client
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

LINE = re.compile(r"^(.{44}) n=(\d+)\s+p50\s+([\d.]+) ms\s+p99\s+([\d.]+) ms\s+CPU p50\s+([\d.]+) ms\s+p99\s+([\d.]+) ms")


def questions(bench, file, nights):
    """The lines of history_bench: what was asked → p50 and p99 on a clock and of CPU time."""
    out = subprocess.run([bench, file, str(nights)], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in out.splitlines():
        match = LINE.match(line)
        if match:
            found[match[1].strip()] = tuple(float(x) for x in match.groups()[2:])
    trials, per_trial = re.search(r"(\d+) trials, .* (\d+) bytes per trial", out).groups()
    return found, int(trials), int(per_trial)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def resident(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024


def daemon(dynod, file, stacks):
    """Milliseconds from exec to the first answer, and MiB resident before and after every kind of question."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dyno-history-", dir=os.path.dirname(file)))
    port = free_port()
    data = folder / "data"
    data.mkdir(mode=0o700)
    os.link(file, data / "stackdyno.db")
    (folder / "config.yaml").write_text(
        f"listen: 127.0.0.1:{port}\ndata_dir: {data}\nstacks_dirs: [{stacks}]\nprofiles_dir: {stacks}/profiles\n"
        f"engine: unix://{folder}/none.sock\nrunner_dir: {os.path.dirname(dynod)}\n")
    begin = time.monotonic()
    process = subprocess.Popen([dynod, "--config", folder / "config.yaml"], stdout=open(folder / "log", "w"), stderr=subprocess.STDOUT)
    try:
        while True:
            try:
                if get(port, "/api/v1/runs?limit=1") == 200:
                    break
            except OSError:
                pass
            if process.poll() is not None or time.monotonic() - begin > 120:
                raise SystemExit((folder / "log").read_text())
            time.sleep(0.005)
        start = 1000 * (time.monotonic() - begin)
        before = resident(process.pid)
        for path in ("/api/v1/runs?limit=50", "/api/v1/leaderboard", "/api/v1/compare?a=median:30&b=latest", "/api/v1/compare?a=latest~1&b=latest",
                     "/api/v1/series?limit=200", "/api/v1/series/1/points?points=10000") * 3:
            if get(port, path) != 200:
                raise SystemExit(f"{path} was not answered")
        return start, before, resident(process.pid)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--folder", default="/tmp/history")
    parser.add_argument("--nights", type=int, nargs="+", default=[7, 74, 735, 7353])
    options = parser.parse_args()
    bench = os.path.abspath(f"{options.build}/tests/history_bench")
    dynod = os.path.abspath(f"{options.build}/bin/dynod")
    stacks = pathlib.Path(__file__).resolve().parents[3] / "stacks"
    os.makedirs(options.folder, exist_ok=True)
    columns, daemons = [], []
    for nights in options.nights:
        file = os.path.join(options.folder, f"h{nights}.db")
        subprocess.run([bench, file, str(nights), "--make"], check=True, stdout=subprocess.DEVNULL)
        # The first start fills in what older files lack; and history_bench leaves runs behind that a daemon would go on with.
        daemon(dynod, file, stacks)
        daemons.append(daemon(dynod, file, stacks))
        columns.append(questions(bench, file, nights))
    print("| p50 / p99 on a clock (p99 of CPU), ms | " + " | ".join(f"{trials:,} trials" for _, trials, _ in columns) + " |")
    print("|---|" + "---:|" * len(columns))
    for name in columns[-1][0]:
        cells = [f"{c[0][name][0]:.2f} / {c[0][name][1]:.2f} ({c[0][name][3]:.2f})" if name in c[0] else "–" for c in columns]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("| dynod: start to first answer, ms | " + " | ".join(f"{d[0]:.0f}" for d in daemons) + " |")
    print("| dynod: resident, MiB, before and after questions | " + " | ".join(f"{d[1]:.0f}, {d[2]:.0f}" for d in daemons) + " |")
    print("| bytes per trial | " + " | ".join(str(c[2]) for c in columns) + " |")


main()
