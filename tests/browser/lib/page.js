// A page that is watched: any line on the console, any report of the content security policy and any error counts.

// Lines the browser writes when an answer is an error on purpose; a test that asks for one names it.
const kFailedLoad = /^Failed to load resource: the server responded with a status of (\d+)/;

export async function openPage(browser, { width = 1280, dark = false, forced = false, url, expectStatus = [] }) {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 780 : 900 },
    colorScheme: dark ? 'dark' : 'light',
    forcedColors: forced ? 'active' : 'none',
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (line) => {
    const failed = kFailedLoad.exec(line.text());
    if (failed && expectStatus.includes(Number(failed[1]))) return;
    complaints.push(`${line.type()}: ${line.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  await page.addInitScript(() => {
    globalThis.cspReports = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      globalThis.cspReports.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  if (url) await page.goto(url);
  return {
    page,
    close: () => context.close(),
    complaints: async () => [...complaints, ...(await page.evaluate(() => globalThis.cspReports))],
  };
}

// Runs `body` and closes the page, which must have had nothing to complain of. A failure says what it had, and what faults it shows.
export async function watched({ page, close, complaints }, body) {
  try {
    await body();
    if ((await complaints()).length > 0) throw new Error('the browser complained');
  } catch (error) {
    const shown = await page.getByRole('alert').allInnerTexts();
    error.message += ['', ...(await complaints()), ...shown].join('\nthe page: ');
    throw error;
  } finally {
    await close();
  }
}

// Nothing loads any more and something stands there.
export async function settled(page) {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('.loading, [aria-busy="true"]') === null);
}

// How far the page is wider than its window, in pixels.
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
