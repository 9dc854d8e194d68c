// One browser and one dynod on a stored database for a file of tests: what the page shows is held against what that daemon's API says. Skipped,
// and it says so, where there is no Chromium, no page or no daemon. The engine is absent, so nothing is started. The database is one of
// tests/data/db, or empty but for a bundle that is there.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { faults } from './axe.js';
import { chromiumPath, launch } from './chromium.js';
import { ask, importBundle, kBin, startDaemon } from './daemon.js';
import { isBuilt } from './mock_server.js';
import { openPage, overflow, settled, watched } from './page.js';
import { openAll } from './tables.js';

const data = (name) => fileURLToPath(new URL(`../../data/db/${name}`, import.meta.url));

export function stored(name) {
  const reason = missing();
  if (reason) console.error(`SKIPPED: ${reason}`);
  const shared = {};
  before(async () => {
    if (reason) return;
    const isBundle = name.endsWith('.stackdyno');
    const database = isBundle ? {} : { database: data(`${name}.db`) };
    shared.daemon = await startDaemon({ ...database, engine: '/nonexistent/engine.sock' });
    if (isBundle) importBundle(shared.daemon.url, data(name));
    shared.browser = await launch();
  });
  after(async () => {
    await shared.browser?.close();
    await shared.daemon?.stop();
  });

  // `body` gets {page, api}; afterwards the page must have had nothing to complain of.
  function check(name, options, body) {
    test(name, { skip: reason ?? false }, async () => {
      const opened = await openPage(shared.browser, { ...options, url: shared.daemon.url + options.path });
      await watched(opened, async () => {
        await settled(opened.page);
        await body({ page: opened.page, api: (path) => ask(shared.daemon.url, `/api/v1${path}`) });
      });
    });
  }

  // In every look: it fits, and everyone can use it.
  function checkLooks(name, path, ready, options = {}) {
    for (const width of [360, 1280]) {
      for (const look of [{}, { dark: true }, { forced: true }]) {
        const title = look.dark ? 'dark' : look.forced ? 'forced colours' : 'light';
        check(`${name} at ${width} px, ${title}`, { path, width, ...look, ...options }, async ({ page }) => {
          await ready(page);
          await openAll(page.locator('main'));
          assert.equal(await overflow(page), 0, 'the page scrolls sideways');
          assert.deepEqual(await faults(page), []);
        });
      }
    }
  }
  return { check, checkLooks };
}

function missing() {
  if (chromiumPath() === null) return 'no Chromium found (package chromium, or CHROMIUM=/path)';
  if (!isBuilt()) return 'no built dashboard (npm run build in web/)';
  if (!process.env.DYNO_URL && !existsSync(join(kBin, 'dynod'))) return `no dynod in ${kBin} (make build, or DYNO_BIN)`;
  return null;
}

// All of them are reached by Tab, each with a ring.
export async function walk(page) {
  const kStops = ['a', 'button', 'summary', 'select', 'input', '[tabindex="0"]'].map((kind) => `main ${kind}:not([tabindex="-1"]):visible`).join();
  const wanted = await page.locator(kStops).count();
  await page.locator('main').focus();
  const seen = new Set();
  for (let i = 0; i < wanted + 5; i++) {
    await page.keyboard.press('Tab');
    const place = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at?.closest('main')) return null;
      return { index: [...document.querySelectorAll('main *')].indexOf(at), ring: getComputedStyle(at).outlineStyle !== 'none' };
    });
    if (place === null) break;
    assert.ok(place.ring, `no focus ring on element ${place.index}`);
    seen.add(place.index);
  }
  assert.equal(seen.size, wanted);
  return wanted;
}
