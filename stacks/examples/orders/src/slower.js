// The planted difference. With SLOWER_PERCENT=10 a call costs the process 10 % more CPU time than it does without: as much as the calls
// before it took, measured by the process's own CPU time, so it holds on any machine and under any load.
const kCalls = 200;

// `requests()`: how many the process has got so far, of any kind. What it used while others came is not this call's.
export function slower(handle, requests, percent = Number(process.env.SLOWER_PERCENT ?? 0)) {
  if (!percent) return handle;
  let spin = 0; // ms per call
  let since;
  const restart = () => (since = { cpu: process.cpuUsage(), requests: requests(), spun: 0, calls: 0 });
  restart();
  return (...args) => {
    if (since.calls === kCalls) {
      const { user, system } = process.cpuUsage(since.cpu);
      const own = (user + system) / 1000 - since.spun;
      if (requests() - since.requests === kCalls) spin = (own / kCalls) * (percent / 100);
      restart();
    }
    since.calls++;
    since.spun += spin;
    const until = performance.now() + spin;
    while (performance.now() < until);
    return handle(...args);
  };
}
