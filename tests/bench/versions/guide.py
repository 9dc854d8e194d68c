#!/usr/bin/env python3
"""How long does the guide of daemon/docs/own-service.md take, from `dyno init` to a verdict?

Types its commands as they stand there, for the small service in tests/data/guide, and before the last one makes that service slower: each
answer adds up 20 000 numbers first. Prints the wall time of each command and what the comparison says. A dynod of its own is started for it.
Nothing else should run meanwhile.

Usage: tests/bench/versions/guide.py [--bin FOLDER]
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from daemon import ROOT, Daemon

SECTION = "## From a folder to a verdict\n"
PLACE = "    def do_GET(self):\n"
SLOWER = PLACE + "        sum(range(20000))\n"
KINDS_OF_END = (0, 5)  # done; done, and something is worse


def steps():
    """The shell blocks of the guide, in their order."""
    page = (ROOT / "daemon/docs/own-service.md").read_text()
    section = page[page.index(SECTION):]
    section = section[: section.index("\n## ", 1)]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def make_service(folder):
    shutil.copytree(ROOT / "tests/data/guide", folder)
    for words in (["init", "-q", "--initial-branch=main"], ["config", "user.name", "bench"], ["config", "user.email", "bench@localhost"],
                  ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def make_slower(folder):
    file = folder / "server.py"
    text = file.read_text()
    if PLACE not in text:
        sys.exit(f"{file}: no line {PLACE!r} to make slower")
    file.write_text(text.replace(PLACE, SLOWER))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin", help="the programs")
    programs = parser.parse_args().bin.resolve()
    home = pathlib.Path(tempfile.mkdtemp(prefix="dyno-guide-"))
    service = home / "orders"
    make_service(service)
    with Daemon(programs, home, ROOT / "stacks/profiles") as daemon:
        env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "STACKDYNO_SERVER": daemon.server}
        times = []
        for at, script in enumerate(steps()):
            if "dyno compare" in script:
                make_slower(service)
            begin = time.monotonic()
            ended = subprocess.run(["bash", "-ec", script], cwd=home if at == 0 else service, env=env, stdout=subprocess.PIPE, text=True)
            times.append((script.split("\n")[0 if at else 1], time.monotonic() - begin))
            if ended.returncode not in KINDS_OF_END:
                sys.exit(f"{script}ended with {ended.returncode}; {home} is kept\n{ended.stdout}")
    print(ended.stdout)
    print("| command | wall time |", "|---|---:|", *(f"| `{name}` | {seconds:.0f} s |" for name, seconds in times), sep="\n")
    print(f"| all | {sum(seconds for _, seconds in times):.0f} s |")
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
