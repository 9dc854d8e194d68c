// What a page costs at its first view: how soon its largest part stands, how far it moves about, how long one task keeps the browser from
// answering on a machine a fourth as fast, and how many bytes were fetched for it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { kDist } from './mock_server.js';

const kSlowdown = 4;
const kLeftAloneMs = 3000; // what looks has a script of its own, which takes the slowed page 50 ms
const kLaterMs = 1500; // what comes late must not move what is there

export async function costOf(browser, url, { width = 1280 } = {}) {
  const { context, page } = await watched(browser, width);
  const files = [];
  page.on('response', (response) => files.push(new URL(response.url()).pathname));
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  const cost = await firstView(page, url);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  await context.close();
  const bytes = (kind) => files.filter((name) => name.endsWith(kind)).reduce((sum, name) => sum + compressed(name), 0);
  return { ...cost, ...longestOf(traceEvents, url), js: bytes('.js'), css: bytes('.css') };
}

// When the largest part stands, in milliseconds, where the browser slows the page down to a fourth. On a busy machine it says nothing of the page.
export async function slowPaintOf(browser, url) {
  const { context, page } = await watched(browser, 1280);
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: kSlowdown });
  const { lcp } = await firstView(page, url, { unwatchedMs: kLeftAloneMs });
  await context.close();
  return lcp;
}

async function watched(browser, width) {
  const context = await browser.newContext({ viewport: { width, height: width < 600 ? 780 : 900 }, timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const seen = { shift: 0, shifts: [], lcp: 0 };
    globalThis.seen = seen;
    const follow = (type, take) =>
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) take(entry);
      }).observe({ type, buffered: true });
    follow('layout-shift', (entry) => {
      if (entry.hadRecentInput) return;
      seen.shift += entry.value;
      for (const { node, previousRect, currentRect } of entry.sources)
        seen.shifts.push(`${entry.value.toFixed(3)} at ${Math.round(entry.startTime)} ms: ${node?.nodeName}.${node?.className} ${Math.round(previousRect.y)} → ${Math.round(currentRect.y)}`);
    });
    follow('largest-contentful-paint', (entry) => {
      seen.lcp = entry.startTime;
    });
  });
  return { context, page };
}

// `unwatchedMs`: how long nobody looks whether it has arrived.
async function firstView(page, url, { unwatchedMs = 0 } = {}) {
  await page.goto(url);
  await page.waitForTimeout(unwatchedMs);
  await page.waitForFunction(() => document.querySelector('h1') !== null && document.querySelector('.loading, .arriving') === null, null, { timeout: 60_000 });
  await page.waitForTimeout(kLaterMs);
  return page.evaluate(() => globalThis.seen);
}

// The longest task of the page's main thread: its CPU time in milliseconds, and what of it went where ("Layout 9, EvaluateScript 4"). The browser has
// pages of its own in other processes, which count only where the trace began too late to tell whose is whose.
function longestOf(events, url) {
  const own = new Set(events.filter((e) => e.name === 'CommitLoad' && e.args.data?.url === url).map((e) => e.pid));
  const mains = new Set(events.filter((e) => (own.size === 0 || own.has(e.pid)) && e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid} ${e.tid}`));
  const all = events.filter((e) => e.ph === 'X' && mains.has(`${e.pid} ${e.tid}`));
  const longest = all.reduce((most, e) => ((e.tdur ?? 0) > (most?.tdur ?? -1) ? e : most), undefined);
  if (longest === undefined) return { longest: 0, went: '' };
  const isIn = (e, outer) => e !== outer && e.tid === outer.tid && e.pid === outer.pid && e.ts >= outer.ts && e.ts + e.dur <= outer.ts + outer.dur;
  const inside = all.filter((e) => isIn(e, longest));
  const spent = new Map();
  for (const e of inside) {
    const children = inside.filter((child) => isIn(child, e) && !inside.some((between) => isIn(between, e) && isIn(child, between)));
    const self = (e.tdur ?? 0) - children.reduce((sum, child) => sum + (child.tdur ?? 0), 0);
    const what = e.args.data?.functionName ? `${e.name} ${e.args.data.functionName}` : e.name;
    spent.set(what, (spent.get(what) ?? 0) + self / 1000);
  }
  const went = [...spent].sort((x, y) => y[1] - x[1]).slice(0, 4).map(([what, ms]) => `${what} ${(ms * kSlowdown).toFixed(0)}`);
  return { longest: (longest.tdur / 1000) * kSlowdown, went: went.join(', ') };
}

function compressed(name) {
  const made = join(kDist, `${name}.br`);
  return existsSync(made) ? readFileSync(made).length : brotliCompressSync(readFileSync(join(kDist, name))).length;
}
