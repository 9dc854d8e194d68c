// The last seconds of one quantity of a run in progress.
import { tintOf } from './glyph';

export function Sparkline({ values, slot }: { values: (number | null)[]; slot: number }) {
  const known = values.filter((v): v is number => v !== null);
  const greatest = Math.max(...known, 1e-9);
  const step = 100 / Math.max(1, values.length - 1);
  const parts: string[] = [];
  let drawing = false;
  values.forEach((value, i) => {
    if (value === null) {
      drawing = false;
      return;
    }
    parts.push(`${drawing ? 'L' : 'M'}${(i * step).toFixed(2)} ${(38 - (36 * value) / greatest).toFixed(2)}`);
    drawing = true;
  });
  return (
    <svg class={`spark s${tintOf(slot)}`} viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">
      <line class="grid-line" x1="0" x2="100" y1="39.500" y2="39.500" vector-effect="non-scaling-stroke" />
      <path class="spark-line" d={parts.join('')} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
