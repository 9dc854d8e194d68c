// How soon pages stand on the real dynod with a large database: node measure.js FILE.db [TIMES]. Largest paint, as fast as the machine is and at a fourth
// of the speed (median and most of TIMES first views, 5 unless given), the longest task at a fourth of the speed, and the CPU time that the daemon spent
// on each view. Times on a clock need a quiet machine.
import { readFileSync } from 'node:fs';
import { costOf, slowPaintOf } from './lib/budget.js';
import { launch } from './lib/chromium.js';
import { startDaemon } from './lib/daemon.js';

const kTickMs = 10; // of /proc/PID/stat

const [file, times = '5'] = process.argv.slice(2);
const daemon = await startDaemon({ database: file });
const browser = await launch();
try {
  const get = async (path) => (await fetch(daemon.url + path)).json();
  const [run] = (await get('/api/v1/runs?limit=1')).items;
  const series = (await get('/api/v1/series?limit=200&metric=throughput_per_s')).items;
  const { case: name, phase } = series[0];
  const pages = {
    home: '/',
    run: `/runs/${run.id}`,
    history: `/history?case=${name}&phase=${encodeURIComponent(phase)}`,
    leaderboard: '/leaderboard',
    compare: '/compare?a=latest~1&b=latest',
  };
  for (const [what, path] of Object.entries(pages)) {
    const costs = [];
    const before = cpuMs(daemon.pid);
    for (let i = 0; i < Number(times); i++) costs.push(await costOf(browser, daemon.url + path));
    const spent = (cpuMs(daemon.pid) - before) / costs.length;
    const slow = [];
    for (let i = 0; i < Number(times); i++) slow.push(await slowPaintOf(browser, daemon.url + path));
    const longest = costs.reduce((least, cost) => (cost.longest < least.longest ? cost : least));
    console.log(`${what.padEnd(12)} n=${costs.length} largest paint ${spread(costs.map((cost) => cost.lcp))}, at a fourth of the speed ${spread(slow)}; longest task ${longest.longest.toFixed(0)} ms (${longest.went}); dynod ${spent.toFixed(0)} ms of CPU time`);
  }
} finally {
  await browser.close();
  await daemon.stop();
}

function spread(values) {
  const ordered = [...values].sort((x, y) => x - y);
  return `p50 ${ordered[ordered.length >> 1].toFixed(0)} ms, most ${ordered.at(-1).toFixed(0)} ms`;
}

function cpuMs(pid) {
  if (pid === undefined) return Number.NaN; // DYNO_URL: somebody else's
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * kTickMs;
}
