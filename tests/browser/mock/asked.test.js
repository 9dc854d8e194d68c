// The page asks for what it shows: one phase of a run, the metrics on it, and the trials that failed.
import assert from 'node:assert/strict';
import { seen } from '../lib/closely.js';
import { kFinished } from '../lib/mock_server.js';
import { settled } from '../lib/page.js';
import { suite } from '../lib/suite.js';

const { check } = suite();

const kSummaries = `GET /api/v1/runs/${kFinished}/summaries`;
const asks = (mock, line) => mock.asked.filter((one) => one.line === line).map((one) => new URLSearchParams(one.search));

check('a run asks for its phases, then for the figures of one', { path: `/runs/${kFinished}` }, async ({ page, mock }) => {
  await page.getByRole('heading', { name: /^All results/ }).waitFor();
  const [whole, ...of] = asks(mock, kSummaries).sort((a, b) => a.getAll('phase').length - b.getAll('phase').length);
  assert.deepEqual(whole.getAll('phase'), [], 'the matrix has the figure that leads of every phase');
  assert.equal(whole.getAll('metric').length, 4);
  const [only, ...more] = of;
  assert.deepEqual(more, []);
  assert.deepEqual(only.getAll('phase'), ['plaintext/c32', '']);
  assert.ok(only.getAll('metric').includes('throughput_per_s') && only.getAll('metric').length < 40);
  assert.deepEqual(asks(mock, `GET /api/v1/runs/${kFinished}/trials`).map(String), ['state=failed']);
  await page.getByRole('navigation', { name: 'Phases' }).getByRole('link').nth(1).click();
  await page.waitForFunction(() => new URL(location.href).searchParams.get('phase') === 'json/c32');
  await page.getByRole('heading', { name: /^All results/ }).waitFor();
  assert.deepEqual(asks(mock, kSummaries).at(-1).getAll('phase'), ['json/c32', '']);
});

check('a link to a phase asks for that phase alone', { path: `/runs/${kFinished}?phase=json/c32/r60%25` }, async ({ page, mock }) => {
  await page.getByRole('heading', { name: /^All results/ }).waitFor();
  assert.deepEqual(asks(mock, kSummaries).map((q) => q.getAll('phase')).filter((phases) => phases.length > 0), [['json/c32/r60%', '']]);
});

check('a case asks for its own trials and figures', { path: `/runs/${kFinished}/node-fastify/single` }, async ({ page, mock }) => {
  await settled(page);
  assert.ok(asks(mock, kSummaries).every((q) => q.has('case')), 'the starts of all cases are below the first view');
  await (await seen(page, 'below')).getByRole('heading', { name: 'All starts' }).waitFor();
  assert.deepEqual(asks(mock, `GET /api/v1/runs/${kFinished}/trials`).map(String), ['case=node-fastify%2Fsingle']);
  const own = asks(mock, kSummaries).filter((q) => q.has('case'));
  assert.deepEqual(own.map((q) => q.getAll('case')), [['node-fastify/single']]);
});

const kNoHistory = Object.fromEntries(['series', 'metrics'].map((name) => [`GET /api/v1/${name}`, { body: { items: [] } }]));
const kFirst = {
  home: ['/', ['runs', 'schedules', 'queue', 'stacks', 'profiles']],
  run: [`/runs/${kFinished}`, [`runs/${kFinished}`, `runs/${kFinished}/phases`, `runs/${kFinished}/summaries`]],
  history: ['/history', ['series', 'metrics', 'stacks']],
  leaderboard: ['/leaderboard', ['leaderboard', 'metrics', 'profiles']],
  compare: ['/compare', ['compare', 'runs']],
};

for (const [name, [path, first]] of Object.entries(kFirst)) {
  check(`${name} asks its first questions while its code is on its way, and each question once`, { path: '/nothing', answers: kNoHistory }, async ({ page, mock }) => {
    await settled(page);
    mock.asked.length = 0;
    let come;
    const held = new Promise((done) => {
      come = done;
    });
    await page.route(new RegExp(`/assets/${name}-`), (route) => held.then(() => route.continue()));
    await page.goto(mock.url + path);
    const wanted = first.map((each) => `GET /api/v1/${each}`);
    const isAsked = () => wanted.every((line) => mock.asked.some((one) => one.line === line));
    for (let i = 0; i < 200 && !isAsked(); i++) await page.waitForTimeout(20);
    assert.ok(isAsked(), mock.asked.map((one) => one.line).join(', '));
    come();
    await settled(page);
    const asked = mock.asked.map((one) => `${one.line}?${one.search}`);
    for (const line of wanted) {
      const of = asked.filter((one) => one.startsWith(`${line}?`));
      assert.equal(new Set(of).size, of.length, `${line} was asked twice`);
    }
  });
}
