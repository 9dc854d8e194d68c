// Two versions of a service of one's own, measured side by side in one run: the page says of them what the API says.
import assert from 'node:assert/strict';
import { seen } from '../lib/closely.js';
import { settled } from '../lib/page.js';
import { stored, walk } from '../lib/stored.js';
import { numberIn, openAll, openTable } from '../lib/tables.js';

const { check, checkLooks } = stored('two_versions.stackdyno');
const kRun = '01a22b5f-93b2-7b5e-b365-69d4a10cf0b1';
const kCases = ['orders@worktree/single', 'orders@worktree-after/single'];
const [kBefore, kAfter] = kCases.map((name) => encodeURIComponent(name).replaceAll('%2F', '/'));
const kQuery = `a=${kRun}&b=${kRun}&a_case=${kBefore}&b_case=${kAfter}`;
const kPage = `/compare?${kQuery}`;
const kHeadlines = ['throughput_per_s', 'latency_p99_ns', 'delivery_p99_ns', 'app_cpu_ns_per_request', 'app_startup_ns', 'idle_pss_bytes', 'loaded_private_median_bytes'];
const kHeadlined = kHeadlines.map((metric) => `metric=${metric}`).join('&');
const kPhases = { 'list-orders · 1 connection': 'list-orders/c1', 'read-order · 32 connections': 'read-order/c32' };
const kPhase = 'list-orders · 1 connection';
const kDecided = { better: 'better', worse: 'worse', same: 'no change' };
const kSides = ['before', 'after'];

const plain = (text) => text.replaceAll('\u00a0', ' ');
const near = (a, b) => Math.abs(a / b - 1) < 1e-9;

// As the page writes a factor: "+12 %", "−0.1 %".
function changed(ratio) {
  const percent = 100 * (ratio - 1);
  const text = Math.abs(percent).toFixed(Math.abs(percent) < 9.95 ? 1 : 0);
  return text === '0.0' ? '0.0 %' : `${percent < 0 ? '−' : '+'}${text} %`;
}

// "99.1 %": what the API says of every interval.
function confidenceOf(items) {
  const all = new Set(items.flatMap((one) => (one.ci95 ? [one.confidence] : [])));
  assert.equal(all.size, 1);
  const [confidence] = all;
  assert.ok(confidence > 0.95 && confidence < 1);
  return `${(100 * confidence).toFixed(1)} %`;
}

// All rows of the table behind a chart, page after page: what `read` makes of each.
async function rowsOf(figure, read) {
  await figure.waitFor();
  const shown = await openTable(figure);
  const rows = [];
  for (;;) {
    rows.push(...(await shown.evaluateAll(read)));
    const next = figure.getByRole('button', { name: 'Next rows' });
    if ((await next.count()) === 0 || (await next.isDisabled())) return rows;
    await next.click();
  }
}

const effectsOf = (page) =>
  rowsOf(page.getByRole('figure', { name: 'Change from before to after' }), (all) =>
    all.map((row) => [...row.querySelectorAll('td')].map((cell) => ({ text: cell.querySelector('span').firstChild.textContent, title: cell.title, small: cell.querySelector('small')?.innerText ?? '' }))),
  );

const trialsOf = (api, name) => api(`/runs/${kRun}/trials?case=${encodeURIComponent(name)}`).then(({ items }) => items);

check('the run leads to it, and each effect equals the API', { path: `/runs/${kRun}` }, async ({ page, api }) => {
  await page.getByRole('link', { name: 'Before against after' }).click();
  await page.getByRole('heading', { name: 'Before against after', level: 1 }).waitFor();
  assert.equal(page.url().replace(/^http:\/\/[^/]*/, ''), kPage);
  const { items } = await api(`/compare?${kQuery}&${kHeadlined}`);
  const rows = await effectsOf(page);
  assert.equal(rows.length, items.length);
  for (const [phase, metric, a, b, ratio, needs, verdict] of rows) {
    const one = items.find((item) => item.title === metric.text && item.phase === kPhases[phase.text]);
    assert.ok(one, `${phase.text} ${metric.text}`);
    for (const [shown, told] of [[a, one.a], [b, one.b]]) {
      assert.equal(numberIn(shown.title), Number(told.value.toPrecision(12)));
      assert.equal(shown.small, `n = ${told.n}`);
    }
    assert.equal(numberIn(ratio.title), Number(one.ratio.toPrecision(12)));
    assert.equal(plain(ratio.small), one.ci95.map(changed).join(' to '));
    assert.ok(plain(needs.text).startsWith(one.mde_percent.toFixed(one.mde_percent < 10 ? 1 : 0)));
    if (kDecided[one.decision]) assert.equal(verdict.text, kDecided[one.decision]);
    else assert.ok(!Object.values(kDecided).includes(verdict.text), verdict.text);
  }
});

check('the verdict stands first, in words, with the confidence that its intervals have', { path: kPage }, async ({ page, api }) => {
  const { items, look } = await api(`/compare?${kQuery}&${kHeadlined}`);
  const [worse, ...more] = items.filter((one) => one.decision === 'worse');
  assert.deepEqual([worse.metric, worse.phase, more], ['app_cpu_ns_per_request', 'list-orders/c1', []], 'what was planted');
  const told = /^More CPU time: list-orders · 1 connection, CPU time per request by ([\d.]+) % \(([\d.]+) to ([\d.]+) %\)\.$/.exec(plain(await page.locator('main h2').first().innerText()));
  assert.deepEqual(told?.slice(1).map((size) => `+${size} %`), [worse.ratio, ...worse.ci95].map(changed));
  const card = page.locator('section.verdict');
  const text = plain(await card.innerText());
  const count = (decision) => items.filter((one) => one.decision === decision).length;
  assert.match(text, new RegExp(`\\b${count('same')} others do not differ by more than [\\d.]+ %\\.`));
  assert.match(text, new RegExp(`\\b${count('inconclusive')} are open: `));
  const confidence = confidenceOf(items);
  assert.ok(text.includes(`Blocks: ${look.blocks} of at most ${look.blocks_at_most}. Intervals: ${confidence}, so that stopping early errs no more often.`), text);
  assert.equal(confidence, `${(100 * look.confidence).toFixed(1)} %`);
  await (await seen(page)).getByRole('figure', { name: 'Starts step by step' }).waitFor();
  await openAll(page.locator('main'));
  const all = plain(await page.locator('main').innerText());
  assert.ok(all.split(`${confidence} interval`).length > 3, 'the key, the captions and the difference by percentile');
  assert.ok(!all.includes('95 % interval'));
});

check('what was different has their images and contents', { path: kPage }, async ({ page, api }) => {
  const { differences } = await api(`/compare?${kQuery}`);
  const rows = await page.locator('section:has(#differences) tbody tr').evaluateAll((all) => all.map((row) => [row.querySelector('th').innerText, ...[...row.querySelectorAll('td')].map((cell) => cell.title || cell.innerText)]));
  assert.deepEqual(rows, differences.map((one) => [`${one.stack}: ${one.what.replaceAll('_', ' ')}`, one.a ?? '–', one.b ?? '–', 'no']));
  const { stacks } = await api(`/runs/${kRun}`);
  assert.notEqual(stacks[0].image, stacks[1].image);
  for (const what of ['image', 'hash']) assert.ok(rows.some((row) => row[0] === `orders@worktree-after: ${what}` && row[1] === stacks[0][what] && row[2] === stacks[1][what]), what);
  assert.equal(await page.getByText('The machine and the images were the same.').count(), 0);
});

check('the percentile curves are the medians of the trials of each side', { path: kPage }, async ({ page, api }) => {
  await page.getByLabel('Look closely at').selectOption({ label: kPhase });
  const part = await seen(page);
  const rows = await rowsOf(part.getByRole('figure', { name: `Service time by percentile, ${kPhase}` }), (all) =>
    all.map((row) => [row.querySelector('th').innerText, ...[...row.querySelectorAll('td')].map((cell) => cell.title)]),
  );
  const sides = await Promise.all(
    kCases.map(async (name) => Promise.all((await trialsOf(api, name)).map((trial) => api(`/trials/${trial.id}/histogram?phase=${kPhases[kPhase]}`)))),
  );
  let compared = 0;
  for (const [percentile, ...values] of rows) {
    sides.forEach((histograms, i) => {
      const at = histograms.flatMap((one) => one.percentiles.find((p) => `p${p.percent}` === percentile)?.value_ns ?? []).sort((x, y) => x - y);
      if (at.length !== 12) return; // a trial with too few requests has no such percentile
      compared++;
      assert.ok(near(numberIn(values[i]), Math.sqrt(at[5] * at[6])), `${percentile} ${kSides[i]}: ${values[i]}`);
    });
  }
  assert.ok(compared >= 20, `${compared} medians`);
  const difference = await rowsOf(part.getByRole('figure', { name: `Difference by percentile, ${kPhase}` }), (all) =>
    all.map((row) => [row.querySelector('th').innerText, row.querySelectorAll('td')[1].title]),
  );
  const { items } = await api(`/compare?${kQuery}&phase=${kPhases[kPhase]}`);
  for (const [name, metric] of [['p50', 'service_time_p50_ns'], ['p99', 'service_time_p99_ns']]) {
    const { ratio } = items.find((one) => one.metric === metric);
    assert.equal(numberIn(difference.find(([each]) => each === name)[1]), Number(ratio.toPrecision(12)));
  }
});

check('memory over time has every sample of both trials, which the keys read', { path: kPage }, async ({ page, api }) => {
  const part = await seen(page);
  const figure = part.getByRole('figure', { name: 'Memory over one trial' });
  const rows = await rowsOf(figure, (all) => all.map((row) => [row.querySelector('th').innerText, ...[...row.querySelectorAll('td')].map((cell) => cell.title || cell.innerText)]));
  for (const [i, name] of kCases.entries()) {
    const [first] = await trialsOf(api, name);
    const samples = await api(`/trials/${first.id}/samples?resolution=600`);
    const own = rows.filter(([side]) => side === kSides[i]);
    assert.deepEqual(own.map((row) => numberIn(row[2])), samples.private_bytes.max);
    assert.deepEqual(own.map((row) => row[1]), samples.at_ns.map((ns) => (ns / 1e9).toFixed(2)));
  }
  const plot = figure.getByRole('group', { name: /^Memory over one trial\. Use/ });
  await plot.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('PageDown');
  await plot.locator('xpath=..').locator('[aria-live]').filter({ hasText: /^second [\d.]+: before .*MiB, after .*MiB$/ }).waitFor();
});

check('every start of both sides, and the median one step by step', { path: kPage }, async ({ page, api }) => {
  const part = await seen(page);
  const starts = await rowsOf(part.getByRole('figure', { name: 'All starts' }), (all) => all.map((row) => [row.querySelector('th').innerText, row.querySelector('td:last-child').title]));
  const steps = await rowsOf(part.getByRole('figure', { name: 'Starts step by step' }), (all) => all.map((row) => [row.querySelector('th').innerText, ...[...row.querySelectorAll('td')].map((cell) => cell.title)]));
  for (const [i, name] of kCases.entries()) {
    const trials = await trialsOf(api, name);
    const reading = (trial) => trial.readings.find((one) => one.metric === 'app_startup_ns').value;
    assert.deepEqual(starts.filter(([side]) => side === kSides[i]).map(([, value]) => numberIn(value)), trials.map(reading));
    const ordered = [...trials].sort((x, y) => reading(x) - reading(y));
    const { start_call_ns, exec_ns, listen_ns, first_good_ns } = ordered[(ordered.length - 1) >> 1].startup.marks;
    const [, ...took] = steps.find(([side]) => side === kSides[i]);
    assert.deepEqual(took.map(numberIn), [start_call_ns, exec_ns - start_call_ns, listen_ns - exec_ns, first_good_ns - listen_ns]);
  }
  assert.equal(steps.length, 2);
});

check('it is copied as Markdown', { path: kPage }, async ({ page, api }) => {
  const { items, differences } = await api(`/compare?${kQuery}&${kHeadlined}`);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy as Markdown' }).click();
  await page.getByText('Copied.').waitFor();
  const lines = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
  assert.ok(lines[0].startsWith('**More CPU time: list-orders · 1 connection, CPU time per request by '), lines[0]);
  assert.ok(lines.some((line) => line.includes(`| Change (${confidenceOf(items)} interval) |`)));
  assert.equal(lines.filter((line) => line.startsWith('| ')).length, items.length + 1);
  assert.ok(lines.some((line) => line.startsWith(`| ${kPhase} | CPU time per request | `) && line.includes(' | **worse** | ')));
  assert.ok(lines.includes('- Both were measured in the same blocks of one run, in random order; a change is that of their pairs.'));
  const image = differences.find((one) => one.what === 'image');
  assert.ok(lines.includes(`- Different: ${image.stack}, image: ${image.a} → ${image.b}`));
  assert.ok(lines.some((line) => line.startsWith('- [All figures and charts](http') && line.includes(kPage)));
});

check('what was chosen is in the address, over reload and back', { path: kPage }, async ({ page, api }) => {
  await page.getByRole('link', { name: /^Worse \d/ }).click();
  await page.getByLabel('Every figure').check();
  await page.getByLabel('Look closely at').selectOption({ label: 'read-order · 32 connections' });
  await page.waitForURL(/show=worse&figures=all&case=orders%40worktree-after\/single&phase=read-order\/c32$/);
  const { items } = await api(`/compare?${kQuery}`);
  const before = await effectsOf(page);
  assert.equal(before.length, items.filter((one) => one.decision === 'worse').length);
  await page.reload();
  await settled(page);
  assert.deepEqual(await effectsOf(page), before);
  await (await seen(page)).getByRole('figure', { name: 'Service time by percentile, read-order · 32 connections' }).waitFor();
  await page.goBack();
  await page.goBack();
  await page.goBack();
  await page.waitForURL(`**${kPage}`);
  assert.equal((await effectsOf(page)).length, items.filter((one) => kHeadlines.includes(one.metric)).length);
});

check('the keyboard alone is enough', { path: kPage }, async ({ page }) => {
  await (await seen(page)).getByRole('figure', { name: 'Starts step by step' }).waitFor();
  await walk(page);
});

checkLooks('two versions', kPage, async (page) => (await seen(page)).getByRole('figure', { name: 'Starts step by step' }).waitFor());
