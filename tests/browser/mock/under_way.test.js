// The page of a run under way asks for its results again after a phase, but every 15 s at most: what it costs the daemon of a long run rests on that. The
// page's clock is the test's: it stands still but for what the test lets pass.
import assert from 'node:assert/strict';
import { fixture, kFinished } from '../lib/mock_server.js';
import { settled } from '../lib/page.js';
import { suite } from '../lib/suite.js';

const { check } = suite();

const kRefreshMs = 15_000;
const kPhaseMs = 4000;
const kPhases = 16;
const kFrameMs = 20;

const kRun = `/api/v1/runs/${kFinished}`;

// The example that has results, while it still went on.
function goingOn() {
  const { finished_at, ...run } = fixture('run');
  return { ...run, state: 'running', progress: fixture('run_live').progress };
}

check('results are asked for once in 15 s, however many phases end', { path: `/runs/${kFinished}`, answers: { [`GET ${kRun}`]: { body: goingOn() } } }, async ({ page, mock }) => {
  await page.clock.install();
  await page.addInitScript(() => {
    globalThis.asked = [];
    const really = globalThis.fetch;
    globalThis.fetch = (url, init) => {
      globalThis.asked.push({ url: String(url), at: performance.now() });
      return really(url, init);
    };
  });
  await page.reload();
  await settled(page);
  await page.getByText('live', { exact: true }).waitFor();
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 500);

  for (let i = 0; i < kPhases; i++) {
    await tell(page, mock, 40 + i);
    await page.clock.runFor(kPhaseMs);
  }

  const asked = await page.evaluate(() => globalThis.asked);
  const times = new Map();
  for (const { url, at } of asked) times.set(url, [...(times.get(url) ?? []), at]);
  for (const [url, [, ...again]] of times) {
    const gaps = again.map((at, i) => Math.round(at - (again[i - 1] ?? asked[0].at))); // from when the page was opened on
    assert.ok(gaps.every((gap) => gap >= kRefreshMs - kFrameMs), `${url} was asked for again after ${gaps.join(', ')} ms`);
  }
  const results = [...times.keys()].filter((url) => new RegExp(`^${kRun}/(phases|summaries|trials|objectives)`).test(url));
  assert.equal(results.length, 5, results.join());
  for (const url of results) assert.equal(times.get(url).length, 1 + Math.floor((kPhases * kPhaseMs) / kRefreshMs), url);
});

// A phase has ended, and the page has taken it in: what is sent takes a moment on its way, during which frames pass.
async function tell(page, mock, percent) {
  const progress = { ...fixture('run_live').progress, done_ratio: (percent + 0.5) / 100 };
  mock.push('phase', { ...fixture('event'), run: kFinished, id: 5000 + percent, progress });
  const bar = page.getByRole('progressbar');
  for (let frame = 0; (await bar.getAttribute('aria-valuenow')) !== String(percent); frame++) {
    assert.ok(frame < 500, `${percent} % is not shown`);
    await page.clock.runFor(kFrameMs);
  }
}
