// One browser and one mock for a file of tests; the file is skipped, and says so, where there is no Chromium.
import { after, before, test } from 'node:test';
import { chromiumPath, launch } from './chromium.js';
import { isBuilt, startMock } from './mock_server.js';
import { openPage, watched } from './page.js';

export function suite() {
  const reason = missing();
  if (reason) console.error(`SKIPPED: ${reason}`);
  const shared = {};
  before(async () => {
    if (reason) return;
    shared.browser = await launch();
  });
  after(() => shared.browser?.close());

  // `body` gets {page, mock, t}; afterwards the page must have had nothing to complain of.
  function check(name, options, body) {
    test(name, { skip: reason ?? false }, async (t) => {
      const mock = await startMock(options.answers ?? {});
      const opened = await openPage(shared.browser, { ...options, url: mock.url + options.path });
      try {
        await watched(opened, () => body({ page: opened.page, mock, t }));
      } finally {
        await mock.stop();
      }
    });
  }
  return { check };
}

function missing() {
  if (chromiumPath() === null) return 'no Chromium found (package chromium, or CHROMIUM=/path)';
  if (!isBuilt()) return 'no built dashboard (npm run build in web/)';
  return null;
}
