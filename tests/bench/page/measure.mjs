// What a page of a long run under way costs the daemon: CPU time of the daemon's process while one page is open, less that without any page, in % of a core.
// The run has 10 stacks x 17 phases x 30 blocks, is in its block 28 and goes on (paced_daemon.cpp).
//
//     ninja -C BUILD paced_daemon && (cd web && npm run build) && (cd tests/browser && npm ci)
//     node tests/bench/page/measure.mjs BUILD/tests/paced_daemon [--windows 5] [--seconds 60] [--pages run,live]
//
// In turns: no page, the page of the run, the live page, each for so many seconds once it stands, so many times. Prints a Markdown table: medians, and
// minimum and maximum over the windows. Times on a clock do not matter, but other work on the machine makes CPU time longer.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromiumPath, launch } from '../../browser/lib/chromium.js';
import { isBuilt, kDist } from '../../browser/lib/mock_server.js';
import { openPage, settled } from '../../browser/lib/page.js';

const kStandsMs = 3000; // what a page asks for once, when it is opened, does not count
const kNone = 'no page';
const kViews = { run: 'runs', live: 'live' };

const { values, positionals } = parseArgs({ allowPositionals: true, options: { windows: { type: 'string', default: '5' }, seconds: { type: 'string', default: '60' }, pages: { type: 'string', default: 'run,live' } } });
const [program] = positionals;
if (program === undefined) throw new Error('measure.mjs BUILD/tests/paced_daemon [--windows N] [--seconds S] [--pages run,live]');
if (chromiumPath() === null) throw new Error('no Chromium found (package chromium, or CHROMIUM=/path)');
if (!isBuilt()) throw new Error('no built dashboard (npm run build in web/)');

const before = loadavg()[0];
const folder = mkdtempSync(join(tmpdir(), 'dyno-page-'));
const daemon = await startDaemon(join(folder, 'run.db'));
const browser = await launch();
const found = new Map(Object.keys(daemon.pages).map((page) => [page, []]));
try {
  for (let round = 0; round < Number(values.windows); round++) {
    for (const [page, path] of Object.entries(daemon.pages)) found.get(page).push(await measured(path));
  }
  console.log(table(await browser.version()));
} finally {
  await browser.close();
  await daemon.stop();
  rmSync(folder, { recursive: true });
}

async function startDaemon(file) {
  const child = spawn(program, [file, kDist], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.once('exit', done));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the daemon has ended');
    return value.split(' ');
  };
  const [, port, run] = await next();
  const url = `http://127.0.0.1:${port}`;
  return {
    pages: Object.fromEntries([[kNone, undefined], ...values.pages.split(',').map((page) => [`${page} page`, `${url}/${kViews[page]}/${run}`])]),
    async read() {
      child.stdin.write('\n');
      const [at, cpu, answers, events] = (await next()).map(Number);
      return { at, cpu, answers, events };
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

async function measured(url) {
  const opened = url && (await openPage(browser, { url }));
  if (opened) await settled(opened.page);
  await wait(kStandsMs);
  const from = await daemon.read();
  await wait(Number(values.seconds) * 1000);
  const to = await daemon.read();
  await opened?.close();
  const minutes = (to.at - from.at) / 60e9;
  return { percent: (100 * (to.cpu - from.cpu)) / (to.at - from.at), answers: (to.answers - from.answers) / minutes, events: (to.events - from.events) / minutes };
}

// Each window with a page against the one without, of the same round.
function table(chromium) {
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const none = found.get(kNone);
  const rows = [...found].map(([page, windows]) => {
    const more = page === kNone ? '–' : spread(windows.map((window, i) => window.percent - none[i].percent), 2);
    return `| ${page} | ${spread(windows.map((window) => window.percent), 2)} | ${more} | ${spread(windows.map((window) => window.answers), 0)} | ${spread(windows.map((window) => window.events), 0)} |`;
  });
  return [
    `${cpus()[0].model}, ${cpus().length} CPUs, Linux ${release()}, Chromium ${chromium}, ${new Date().toISOString().slice(0, 16)}Z, commit ${commit};`,
    `n = ${values.windows} windows of ${values.seconds} s each; load average ${before.toFixed(1)} before and ${loadavg()[0].toFixed(1)} after.`,
    '',
    '| open | CPU of the daemon, % of a core | more than without a page | answers per minute | events per minute |',
    '|---|---:|---:|---:|---:|',
    ...rows,
  ].join('\n');
}

// "0.31 (0.28–0.35)": median, minimum and maximum.
function spread(numbers, digits) {
  const sorted = [...numbers].sort((x, y) => x - y);
  const middle = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  return `${middle.toFixed(digits)} (${sorted[0].toFixed(digits)}–${sorted.at(-1).toFixed(digits)})`;
}
