// Starts Debian's Chromium with a fresh profile; null when there is none. It downloads nothing.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const kPlaces = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const kFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function chromiumPath() {
  return kPlaces.find((path) => path !== undefined && existsSync(path)) ?? null;
}

export function launch() {
  return chromium.launch({ executablePath: chromiumPath(), args: kFlags, headless: true });
}
