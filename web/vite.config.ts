import { defineConfig } from 'vitest/config';
import { compress } from './build/compress.ts';
import { quietUplot } from './build/quiet_uplot.ts';

// Pages without a dense chart do not fetch what draws one.
const kPlots = /uplot|charts\/plot|parts\/spectra/;

// What the frame needs, with what asks for the files of a page.
const kBase = /src\/(api|state)\/|vite\/preload-helper/;

// What follows a run while it goes on.
const kFollowed =
  /src\/(api\/events|model\/(build|live)|state\/live|views\/charts\/sparkline|views\/parts\/(builds|live_panel))\.ts/;
// What places are made of.
const kPlaces = /src\/model\/(leaderboard|pool)\.ts/;
// What pages show below their first view.
const kBelow = /src\/(model\/waterfall|views\/(charts\/(strip|waterfall)|parts\/start_steps))\.ts/;
const kAlone = [kPlots, kFollowed, kPlaces, kBelow];

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [quietUplot(), compress()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false }, // a page's files are asked for together, not each after the one that names it
    cssCodeSplit: false,
    assetsInlineLimit: 0, // the content security policy allows no inline resource
    // What pages share is one file: each compresses by itself.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'preact', test: /node_modules\/@?preact/, priority: 3 },
            { name: 'base', test: (id) => kBase.test(id) && !kFollowed.test(id), priority: 3 },
            { name: 'plot', test: kPlots, priority: 1 },
            { name: 'followed', test: kFollowed, priority: 1 },
            { name: 'places', test: kPlaces, priority: 1 },
            { name: 'below', test: kBelow, priority: 1 },
            {
              name: 'shared',
              test: (id) => id.includes('/src/') && !kAlone.some((some) => some.test(id)),
              minShareCount: 2,
              priority: 2,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': process.env.DYNO_URL ?? 'http://127.0.0.1:8080' } },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
