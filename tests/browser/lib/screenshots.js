// Pictures of every view for people to look at: node lib/screenshots.js <folder> [view …]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from './chromium.js';
import { fixture, kCompared, kFinished, kRunning, startMock } from './mock_server.js';
import { openPage, settled } from './page.js';

const folder = process.argv[2] ?? 'screenshots';
mkdirSync(folder, { recursive: true });
const mock = await startMock();
const browser = await launch();
const views = {
  leaderboard: '/leaderboard',
  places: '/leaderboard?board=plaintext/c32',
  home: '/',
  run: `/runs/${kFinished}?phase=json/c32`,
  open: `/runs/${kFinished}?phase=json/c32/r60%25`,
  case: `/runs/${kFinished}/node-fastify/single?phase=json/c32`,
  compare: kCompared,
  live: `/live/${kRunning}`,
  schedules: '/schedules',
};
const wanted = process.argv.slice(3); // all, where none is named
for (const [name, path] of Object.entries(views).filter(([name]) => wanted.length === 0 || wanted.includes(name))) {
  for (const width of [360, 1280]) {
    for (const dark of [false, true]) {
      const { page, close } = await openPage(browser, { width, dark, url: mock.url + path });
      await settled(page);
      if (name === 'live') await feed(page);
      await page.waitForTimeout(150);
      await page.screenshot({ path: join(folder, `${name}-${width}-${dark ? 'dark' : 'light'}.png`), fullPage: true });
      await close();
    }
  }
}
await browser.close();
await mock.stop();

async function feed(page) {
  for (let i = 0; mock.watchers() === 0 && i < 50; i++) await page.waitForTimeout(20);
  mock.push('phase', fixture('event'));
  const sample = fixture('live_sample');
  for (let i = 0; i < 40; i++) {
    mock.push('sample', { ...sample, rate_per_s: 38000 + 2500 * Math.sin(i / 3), p99_ns: 2.4e6 + 3e5 * Math.cos(i / 2) });
  }
}
