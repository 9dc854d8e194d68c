// What people do with the page: start, watch, cancel, sort, share, use the keyboard; and what they see when things fail.
import assert from 'node:assert/strict';
import { faults } from '../lib/axe.js';
import { seen as seenClosely } from '../lib/closely.js';
import { fixture, kFinished, kQueued, kRunning } from '../lib/mock_server.js';
import { settled } from '../lib/page.js';
import { suite } from '../lib/suite.js';

const { check } = suite();

const kRefused = {
  status: 422,
  body: {
    type: '/problems/invalid-run',
    title: 'The run cannot be started',
    status: 422,
    instance: 'req-1',
    detail: '1 problem in the request',
    errors: [{ pointer: '/stacks/0', code: 'unknown_reference', detail: 'no stack is named so' }],
  },
};
const kDown = {
  status: 503,
  body: { type: '/problems/busy', title: 'Not now', status: 503, instance: 'req-2', detail: 'the database is busy' },
};

check('a run is started with the chosen stacks and profile, once', { path: '/' }, async ({ page, mock }) => {
  await settled(page);
  await page.locator('summary', { hasText: 'Stacks: all 4 stacks' }).click();
  await page.getByRole('group', { name: 'Stacks' }).getByRole('checkbox', { name: /FastAPI/ }).uncheck();
  await page.getByLabel('Profile').selectOption('quick');
  await page.getByRole('button', { name: 'Run 3 stacks' }).click();
  await page.waitForURL(`**/live/${kQueued}`);
  const posts = mock.asked.filter((a) => a.line === 'POST /api/v1/runs');
  assert.equal(posts.length, 1);
  const sent = JSON.parse(posts[0].body);
  assert.equal(sent.profile, 'quick');
  assert.deepEqual(
    sent.stacks,
    fixture('stacks').items.map((s) => s.name).filter((name) => name !== 'python-fastapi'),
  );
  assert.match(posts[0].headers['idempotency-key'], /^[0-9a-f-]{36}$/);
  assert.equal(posts[0].headers.origin, mock.url, 'the daemon takes changes from its own pages only');
  assert.equal(posts[0].headers['sec-fetch-site'], 'same-origin');
});

const kVariants = ['node-fastify@node-22', 'node-fastify+pg-native', 'go-nethttp@go-1.25'];
const withVariants = () => {
  const [first] = fixture('stacks').items;
  return { ...fixture('stacks'), items: [...kVariants.map((name) => ({ ...first, name, title: `Variant ${name}` })), ...fixture('stacks').items] };
};

function twoProfiles() {
  const [quick] = fixture('profiles').items;
  return { ...fixture('profiles'), items: [{ ...quick, name: 'standard', expected_ns: 5 * quick.expected_ns }, quick] };
}

check(
  'the form has variants under their stack, says how long it takes, and remembers what was chosen',
  { path: '/', answers: { 'GET /api/v1/stacks': { body: withVariants() }, 'GET /api/v1/profiles': { body: twoProfiles() } } },
  async ({ page, mock }) => {
    await settled(page);
    const form = page.getByRole('region', { name: 'Start a run' });
    const minutes = async () => Number(/About (\d+)\u00a0min, until \d\d:\d\d/.exec(await form.innerText())[1]);
    const each = fixture('profiles').items.find((one) => one.name === 'quick').expected_ns / 60e9;
    assert.equal(await minutes(), Math.round(4 * each), 'at first no variant is chosen');
    const [height, page_height] = await page.evaluate(() => [document.querySelector('section:has(#start)').offsetHeight, document.querySelector('main').offsetHeight]);
    assert.ok(height < page_height / 5, `${height} of ${page_height} px`);
    await form.locator('summary', { hasText: /^Stacks/ }).click();
    const group = form.getByRole('listitem').filter({ hasText: '2 variants' });
    await group.locator('summary').click();
    assert.deepEqual(await group.getByRole('checkbox').evaluateAll((all) => all.map((box) => box.value)), ['node-fastify', ...kVariants.slice(0, 2)]);
    await group.getByRole('checkbox', { name: /Variant node-fastify@node-22/ }).check();
    await form.locator('summary', { hasText: 'Stacks: all 4 stacks and 1 variant' }).waitFor();
    await form.getByRole('checkbox', { name: /FastAPI/ }).uncheck();
    await form.getByRole('checkbox', { name: /cpp-httplib/ }).uncheck();
    await form.getByLabel('Profile').selectOption('standard');
    await page.reload();
    await settled(page);
    assert.equal(await form.getByLabel('Profile').inputValue(), 'standard');
    await form.getByRole('button', { name: 'Run 3 stacks' }).click();
    await page.waitForURL(`**/live/${kQueued}`);
    const sent = JSON.parse(mock.asked.find((a) => a.line === 'POST /api/v1/runs').body);
    assert.deepEqual(sent.stacks.sort(), ['go-nethttp', 'node-fastify', 'node-fastify@node-22']);
    assert.equal(sent.profile, 'standard');
  },
);

check(
  'what the API refuses is shown in its own words, and the same wish keeps its key',
  { path: '/', answers: { 'POST /api/v1/runs': kRefused }, expectStatus: [422] },
  async ({ page, mock }) => {
    await settled(page);
    const run = page.getByRole('button', { name: /^Run \d/ });
    await run.click();
    await page.getByRole('alert').waitFor();
    const told = await page.getByRole('alert').innerText();
    assert.match(told, /The run cannot be started/);
    assert.match(told, /^no stack is named so$/m, 'no JSON pointer for people');
    await run.click();
    await page.waitForTimeout(50);
    const keys = mock.asked.filter((a) => a.line === 'POST /api/v1/runs').map((a) => a.headers['idempotency-key']);
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
  },
);

check('a live run shows its progress, its rate and its end', { path: `/live/${kRunning}` }, async ({ page, mock }) => {
  await settled(page);
  await watched(page, mock);
  const bar = page.getByRole('progressbar');
  assert.equal(await bar.getAttribute('aria-valuenow'), '31');
  const sample = fixture('live_sample');
  mock.push('sample', { ...sample, progress: { ...sample.progress, done_ratio: 0.64, phase: 'plaintext/c32' } });
  await page.getByText('64 %').waitFor();
  await page.getByText('38\u202f100/s').first().waitFor();
  await page.getByText('loading: Plaintext · 32 connections').waitFor();
  const load = page.getByRole('figure', { name: 'Under load now' });
  await load.getByText('Service time p99').first().waitFor();
  mock.push('sample', { ...sample, progress: { ...sample.progress, done_ratio: 0.64, phase: 'plaintext/c32/r500' } });
  await load.getByText('Latency p99').first().waitFor();
  mock.push('phase', { ...fixture('event'), id: fixture('event').id - 1, text: 'the next one', progress: { ...sample.progress, done_ratio: 0.64, step: 'starting', phase: undefined } });
  await load.getByText(/^No load right now\. Last: .*500\/s/).waitFor();
  assert.match(await page.locator('table.blocks tbody tr').first().innerText(), /Fastify|net\/http|FastAPI/);
  mock.push('phase', fixture('event'));
  await page.getByText('JSON · 32 connections: 38210/s').waitFor();
  mock.answers[`GET /api/v1/runs/${kRunning}`] = { body: { ...fixture('run_live'), state: 'succeeded', progress: undefined } };
  mock.push('done', fixture('event_state'));
  await page.getByText('The run has ended.').waitFor();
  assert.equal(await page.getByRole('link', { name: 'See the result' }).getAttribute('href'), `/runs/${kRunning}`);
});

check('a live run is cancelled from the page', { path: `/live/${kRunning}` }, async ({ page, mock }) => {
  await settled(page);
  const cancels = () => mock.asked.filter((a) => a.line === `POST /api/v1/runs/${kRunning}/cancel`).length;
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();
  assert.equal(cancels(), 0, 'it asks once');
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByRole('button', { name: 'Yes, cancel' }).click();
  await page.getByRole('button', { name: 'Cancelling …' }).waitFor();
  assert.equal(mock.asked.filter((a) => a.line === `POST /api/v1/runs/${kRunning}/cancel`).length, 1);
});

check(
  'without a stream the page polls',
  { path: `/live/${kRunning}`, answers: { 'GET /api/v1/events': kDown }, expectStatus: [503] },
  async ({ page, mock }) => {
    await settled(page);
    await page.getByText('updating every 2 s').waitFor();
    mock.answers[`GET /api/v1/runs/${kRunning}`] = { body: { ...fixture('run_live'), state: 'cancelled', progress: undefined } };
    await page.getByText('The run has ended.').waitFor({ timeout: 6000 });
  },
);

check('a link carries phase and sorting, and the page comes back from it', { path: `/runs/${kFinished}` }, async ({ page }) => {
  await settled(page);
  await page.getByRole('link', { name: 'JSON · 60\u00a0% of its own maximum' }).click();
  await page.getByRole('figure', { name: /^Latency p99/ }).waitFor();
  await page.getByRole('button', { name: 'Idle memory (PSS)' }).click();
  assert.equal(new URL(page.url()).search, '?phase=json/c32/r60%25&sort=idle_pss_bytes');
  const order = () => page.locator('section:has(#all) tbody th a').allInnerTexts();
  const before = await order();
  await page.reload();
  await settled(page);
  assert.deepEqual(await order(), before);
  assert.equal(await page.locator('th[aria-sort="ascending"]').innerText().then((t) => t.replace(/\s*▴/, '')), 'Idle memory (PSS)');
  await page.goBack();
  await page.getByRole('figure', { name: 'Throughput' }).waitFor();
});

check('a case is two clicks from the raw data', { path: '/' }, async ({ page }) => {
  await settled(page);
  await page.getByRole('figure').getByRole('link', { name: 'Fastify (TypeScript)' }).click();
  await settled(page);
  assert.equal(await page.locator('h1').innerText(), 'Fastify (TypeScript)');
  assert.match(await page.title(), /^node-fastify, run /);
  const source = page.getByRole('figure', { name: 'Memory over the trial' });
  await source.locator('details > summary').click();
  assert.match(await source.getByRole('link', { name: /^JSON/ }).getAttribute('href'), /^\/api\/v1\/trials\/.*\/samples/);
});

check('a chart is read with the arrow keys, and speaks', { path: `/runs/${kFinished}/node-fastify/single` }, async ({ page }) => {
  await settled(page);
  const plot = page.getByRole('group', { name: /^Memory over the trial/ });
  await plot.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  const samples = fixture('samples');
  const at = (samples.at_ns[1] / 1e9).toFixed(2);
  const spoken = plot.locator('xpath=..').locator('[aria-live]');
  await spoken.filter({ hasText: `${Number(at)}: private` }).waitFor();
});

check('a chart that is not drawn yet, or drawn anew, keeps what the keys said', { path: `/runs/${kFinished}/node-fastify/single` }, async ({ page }) => {
  await settled(page);
  // Once the chart has its place no frame comes, as on a busy machine.
  await page.addInitScript(() => {
    const frames = window.requestAnimationFrame.bind(window);
    const held = [];
    window.requestAnimationFrame = (work) => (window.framesGo || !document.querySelector('[aria-label^="Memory over the trial"]') ? frames(work) : held.push(work));
    window.letGo = () => {
      window.framesGo = true;
      for (const work of held.splice(0)) frames(work);
    };
  });
  await page.reload();
  const plot = page.getByRole('group', { name: /^Memory over the trial/ });
  await plot.waitFor();
  assert.equal(await plot.getAttribute('aria-busy'), 'true');
  const { at_ns } = fixture('samples');
  const at = (index) => `${Number((at_ns[index] / 1e9).toFixed(2))}: private`;
  const read = (index) => plot.locator('xpath=..').locator('[aria-live]').filter({ hasText: at(index) }).waitFor();
  await plot.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await read(1);
  await page.evaluate(() => window.letGo());
  await settled(page);
  await page.keyboard.press('ArrowRight');
  await read(2);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await settled(page);
  await page.keyboard.press('ArrowRight');
  await read(3);
});

check('the keyboard reaches all there is, in order, and always shows where it is', { path: `/runs/${kFinished}` }, async ({ page }) => {
  await settled(page);
  await seenClosely(page);
  await page.getByRole('figure', { name: 'Starts step by step' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Runs', 'the skip link leads past the head');
  const wanted = await page.locator(['a', 'button', 'summary'].map((kind) => `main ${kind}:not([tabindex="-1"]):visible`).join()).count();
  const seen = new Set();
  for (let i = 0; i < wanted + 20; i++) {
    const place = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return null;
      const style = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      const nodes = [...document.querySelectorAll('main a, main button, main summary')];
      return { index: nodes.indexOf(at), ring: style.outlineStyle !== 'none', size: Math.min(box.width, box.height) };
    });
    if (place === null) break;
    assert.ok(place.ring, `no focus ring on element ${place.index}`);
    if (place.index >= 0) seen.add(place.index);
    await page.keyboard.press('Tab');
  }
  assert.equal(seen.size, wanted);
});

check('the theme is chosen by hand and kept', { path: '/schedules' }, async ({ page }) => {
  await settled(page);
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  const button = page.getByRole('button', { name: /^Theme/ });
  await button.click();
  await button.click();
  assert.notEqual(await ground(), light);
  await page.reload();
  await settled(page);
  assert.notEqual(await ground(), light);
  assert.equal(await button.getAttribute('aria-label'), 'Theme: Dark. Change');
});

check(
  'a schedule shows its last nights, is paused, and is run now',
  {
    path: '/schedules',
    answers: {
      'GET /api/v1/schedules/nightly-all/history': { body: { schedule: 'nightly-all', items: lastNights() } },
      'POST /api/v1/schedules/nightly-all/pause': { body: fixture('schedule') },
      'POST /api/v1/schedules/nightly-all/run': { status: 202, body: fixture('run_queued') },
    },
  },
  async ({ page, mock }) => {
    await settled(page);
    const nights = page.getByRole('figure', { name: /^Last 30 nights/ });
    assert.equal(await nights.getByRole('listitem').count(), 30);
    assert.equal(await nights.getByRole('link', { name: /: ran$/ }).getAttribute('href'), `/runs/${kFinished}`);
    assert.equal(await nights.getByText(/: skipped: the daemon was not running$/).count(), 1);
    assert.deepEqual(await faults(page), []);
    const lists = () => mock.asked.filter((a) => a.line === 'GET /api/v1/schedules').length;
    const before = lists();
    const again = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/schedules'));
    await page.getByRole('button', { name: 'Pause' }).click();
    await again;
    assert.equal(lists(), before + 1);
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.waitForURL(`**/live/${kQueued}`);
  },
);

check(
  'the first page shows the last night of each schedule, with its result',
  { path: '/', answers: { 'GET /api/v1/schedules/nightly-all/history': { body: { schedule: 'nightly-all', items: lastNights() } } } },
  async ({ page }) => {
    await settled(page);
    const night = page.getByRole('region', { name: 'Last night' }).getByRole('listitem').filter({ hasText: 'nightly-all' });
    assert.match(await night.innerText(), /✓\s+ran/);
    assert.equal(await night.getByRole('link', { name: 'nightly-all' }).getAttribute('href'), `/runs/${kFinished}`);
    await night.getByText(/: .*\/s/).waitFor();
    assert.deepEqual(await faults(page), []);
  },
);

for (const [fire, tag, words] of [
  [{ skipped: 'overlap', reason: 'the previous run had not ended' }, '– skipped', 'skipped: the previous run had not ended'],
  [{ run: kRunning, state: 'running' }, '● not ended yet', ''],
]) {
  check(
    `the last night on the first page: ${tag}`,
    { path: '/', answers: { 'GET /api/v1/schedules/nightly-all/history': { body: { schedule: 'nightly-all', items: [{ ...lastNights()[0], run: undefined, ...fire }] } } } },
    async ({ page }) => {
      await settled(page);
      const night = page.getByRole('region', { name: 'Last night' }).getByRole('listitem').filter({ hasText: 'nightly-all' });
      const text = (await night.innerText()).replace(/\s+/g, ' ');
      assert.ok(text.includes(tag) && text.includes(words), text);
    },
  );
}

check(
  'a failing API is reported, and asked again on request',
  { path: `/runs/${kFinished}`, answers: { [`GET /api/v1/runs/${kFinished}`]: kDown }, expectStatus: [503] },
  async ({ page, mock }) => {
    await page.getByRole('alert').getByText('the database is busy').waitFor();
    delete mock.answers[`GET /api/v1/runs/${kFinished}`];
    await page.getByRole('button', { name: 'Try again' }).click();
    await settled(page);
  },
);

check(
  'an answer that does not fit is named, not drawn',
  { path: `/runs/${kFinished}`, answers: { [`GET /api/v1/runs/${kFinished}/summaries`]: { body: { run: 'x', items: [{ run: 'x' }] } } } },
  async ({ page }) => {
    await page.getByRole('alert').getByText(/items\/0\/case: text expected, undefined found/).waitFor();
  },
);

check(
  'issue 14, rows 15 and 16: what the load generator limited is a lower bound in its place; what is invalid is struck out everywhere',
  { path: `/runs/${kFinished}?phase=json/c32`, answers: { [`GET /api/v1/runs/${kFinished}/summaries`]: { body: marked() } } },
  async ({ page }) => {
    await settled(page);
    const rows = page.getByRole('figure', { name: 'Throughput' }).locator('li.row');
    const texts = await rows.allInnerTexts();
    assert.match(texts[0], /net\/http.*≥.*limited by load generator/s);
    const struck = rows.filter({ hasText: 'invalid' }).locator('.value b');
    assert.match(await struck.evaluate((b) => getComputedStyle(b).textDecorationLine), /line-through/);
    assert.match(await page.locator('figcaption p').first().innerText(), /^net\/http.*: at least /);
    const ladder = page.getByRole('figure', { name: 'Service time', exact: true });
    const cpp = ladder.locator('li.row', { hasText: 'cpp-httplib' });
    assert.equal(await cpp.locator('.void').count(), await cpp.locator('.track > svg').count());
    assert.match(await cpp.locator('.value b').evaluate((b) => getComputedStyle(b).textDecorationLine), /line-through/);
    assert.match(await cpp.innerText(), /p99, p99.9: invalid/);
    const withheld = ladder.locator('li.row', { hasText: 'net/http' }).getByRole('button', { name: /^p99\.9: not measured/ });
    const reason = ladder.getByText('80 answers; 10000 are needed');
    assert.ok(!(await reason.isVisible()));
    await withheld.press('Enter');
    await reason.waitFor();
    const [mark, box] = [await withheld.boundingBox(), await reason.boundingBox()];
    assert.ok(Math.abs(box.y - mark.y) < 100, 'the reason opens where the mark stands');
    await page.keyboard.press('Escape');
    await reason.waitFor({ state: 'hidden' });
  },
);

check(
  'issue 14, row 16: the key figures of a case are struck out or absent, with the reason',
  {
    path: `/runs/${kFinished}/cpp-httplib/single?phase=json/c32`,
    answers: { [`GET /api/v1/runs/${kFinished}/summaries`]: { body: invalid('cpp-httplib/single') } },
  },
  async ({ page }) => {
    await settled(page);
    const figures = page.getByRole('region', { name: /^Results of JSON/ });
    const throughput = figures.locator('.struck', { hasText: 'Throughput' });
    assert.match(await throughput.innerText(), /struck out\s+Busy\./);
    assert.match(await throughput.locator('dd').first().evaluate((d) => getComputedStyle(d).textDecorationLine), /line-through/);
  },
);

check(
  'issue 14, row 16: the first page leads with the best evidence and says what is newer',
  { path: '/', answers: { 'GET /api/v1/runs': { body: withSmoke() } } },
  async ({ page }) => {
    await settled(page);
    await page.getByRole('heading', { name: /^Strongest result: / }).waitFor();
    const newer = page.getByText(/^Newer, with fewer trials or with failures: /);
    assert.match(await newer.innerText(), /smoke.*1 trial, some failed/);
    assert.match(await page.getByRole('link', { name: /^Full comparison/ }).getAttribute('href'), new RegExp(kFinished));
  },
);

check(
  'nothing yet: the first page says what to do',
  { path: '/', answers: { 'GET /api/v1/runs': { body: { items: [] } }, 'GET /api/v1/schedules': { body: { items: [], problems: [] } } } },
  async ({ page }) => {
    await settled(page);
    await page.getByText('No runs yet.').waitFor();
    await page.getByText('Nothing is scheduled.').waitFor();
    assert.equal(await page.getByRole('region', { name: 'Last night' }).count(), 0);
  },
);

// Yesterday and the day before.
function lastNights() {
  const fire = (days, rest) => {
    const at = new Date(Date.now() - days * 86_400_000).toISOString();
    return { schedule: 'nightly-all', nominal_at: at, recorded_at: at, folded: 1, ...rest };
  };
  return [fire(1, { run: kFinished, state: 'succeeded' }), fire(2, { skipped: 'daemon_down', reason: 'the daemon was not running' })];
}

function invalid(name) {
  const list = fixture('summaries');
  for (const summary of list.items) {
    if (summary.case !== name || summary.phase !== 'json/c32') continue;
    summary.validity = 'invalid';
    summary.gates = [{ gate: 'loader_cpu', validity: 'invalid', text: 'Busy.' }];
  }
  list.items = list.items.filter((summary) => summary.case === name);
  return list;
}

function withSmoke() {
  const list = fixture('runs');
  const last = list.items.find((each) => each.state === 'succeeded');
  const smoke = {
    ...last,
    id: '019aa3d9-7c51-7d0e-9b1c-5f2f6c1d8e47',
    state: 'partly',
    blocks: 1,
    reason: 'flask: wrong_body',
    profile: { name: 'smoke' },
    created_at: '2026-11-24T00:00:00.000Z',
  };
  return { ...list, items: [smoke, ...list.items] };
}

function marked() {
  const list = fixture('summaries');
  for (const summary of list.items) {
    if (summary.phase !== 'json/c32') continue;
    if (summary.case === 'go-nethttp/single') summary.bound = 'loader';
    if (summary.case === 'cpp-httplib/single') summary.validity = 'invalid';
  }
  const withheld = { case: 'go-nethttp/single', phase: 'json/c32', metric: 'service_time_p999_ns' };
  list.items = list.items.filter((s) => s.case !== withheld.case || s.phase !== withheld.phase || s.metric !== withheld.metric);
  list.absent = [{ ...withheld, reason: '80 answers; 10000 are needed' }];
  return list;
}

async function watched(page, mock) {
  for (let i = 0; mock.watchers() === 0 && i < 100; i++) await page.waitForTimeout(20);
}

function focused(page) {
  return page.evaluate(() => document.activeElement?.textContent?.trim());
}
