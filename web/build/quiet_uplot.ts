// uPlot makes a formatter of numbers when it is loaded, which takes a browser longer than to draw all charts of a page. Ours write their own numbers.
import type { Plugin } from 'vite';

const kMade = "const numFormatter = new Intl.NumberFormat(domEnv ? nav.language : 'en-US');";

export function quietUplot(): Plugin {
  return {
    name: 'stackdyno-quiet-uplot',
    transform(code, id) {
      if (!id.endsWith('/uPlot.esm.js')) return undefined;
      if (!code.includes(kMade))
        this.error('uPlot makes its formatter of numbers in another way than it did: see build/quiet_uplot.ts');
      return { code: code.replace(kMade, 'const numFormatter = { format: String };'), map: null };
    },
  };
}
