// Puts a .br and a .gz beside every text file of the build and holds each page to its size budget: what is fetched at a first view of it,
// which is the code of the frame, that of the page, and what both of them share.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const kText = new Set(['.html', '.js', '.css', '.svg', '.json', '.txt']);
const kKiB = 1024;
const kBudgetBytes = { js: 60 * kKiB, css: 10 * kKiB };

export function compress(): Plugin {
  let folder = '';
  let views = new Map<string, string[]>();
  return {
    name: 'stackdyno-compress',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    generateBundle(_, bundle) {
      const chunks = new Map(
        Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one]] : [])),
      );
      const withImports = (name: string, found = new Set<string>()): Set<string> => {
        if (found.has(name)) return found;
        found.add(name);
        for (const each of chunks.get(name)?.imports ?? []) withImports(each, found);
        return found;
      };
      views = new Map();
      for (const entry of [...chunks.values()].filter((chunk) => chunk.isEntry)) {
        for (const page of entry.dynamicImports)
          views.set(chunks.get(page)?.name ?? page, [...withImports(page, withImports(entry.fileName))]);
      }
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        const sizes = new Map<string, number>();
        for (const file of files(folder)) {
          if (!kText.has(extname(file))) continue;
          const bytes = readFileSync(file);
          const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
          writeFileSync(`${file}.br`, br);
          writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
          sizes.set(relative(folder, file), br.length);
        }
        const sum = (names: string[]) => names.reduce((bytes, name) => bytes + (sizes.get(name) ?? 0), 0);
        hold('.css, every page', sum([...sizes.keys()].filter((name) => name.endsWith('.css'))), kBudgetBytes.css);
        if (views.size === 0) throw new Error('the build has no pages');
        for (const [page, names] of views) hold(`.js, ${page} (${names.length} files)`, sum(names), kBudgetBytes.js);
      },
    },
  };
}

function hold(what: string, bytes: number, budget: number): void {
  const line = `${what}: ${(bytes / kKiB).toFixed(1)} KiB brotli of ${budget / kKiB} KiB`;
  if (bytes > budget) throw new Error(`over the size budget: ${line}`);
  console.log(`budget ${line}`);
}

function files(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? files(path) : [path]));
}
