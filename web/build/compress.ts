// Puts a .br and a .gz beside every text file of the build and holds the page to its size budget.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const kText = new Set(['.html', '.js', '.css', '.svg', '.json', '.txt']);
const kKiB = 1024;
const kBudgetBytes: Record<string, number> = { '.js': 60 * kKiB, '.css': 10 * kKiB };

export function compress(): Plugin {
  let folder = '';
  return {
    name: 'stackdyno-compress',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        const sizes = new Map<string, number>();
        for (const file of files(folder)) {
          const kind = extname(file);
          if (!kText.has(kind)) continue;
          const bytes = readFileSync(file);
          const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
          writeFileSync(`${file}.br`, br);
          writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
          sizes.set(kind, (sizes.get(kind) ?? 0) + br.length);
        }
        for (const [kind, budget] of Object.entries(kBudgetBytes)) {
          const size = sizes.get(kind) ?? 0;
          const line = `${kind} ${(size / kKiB).toFixed(1)} KiB brotli of ${budget / kKiB} KiB`;
          if (size > budget) throw new Error(`over the size budget: ${line}`);
          console.log(`budget ${line}`);
        }
      },
    },
  };
}

function files(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? files(path) : [path]));
}
