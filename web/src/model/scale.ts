// Scales and ticks of charts. Pure.

// Round steps (1, 2, 2.5, 5 × 10ⁿ) from 0 up to at least `greatest`; about `wanted` of them.
export function ticksTo(greatest: number, wanted = 4): number[] {
  if (!(greatest > 0)) return [0, 1];
  const rough = greatest / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999) ?? 10 * power;
  const ticks: number[] = [];
  for (let i = 0; ; i++) {
    const tick = Number((i * step).toPrecision(12));
    ticks.push(tick);
    if (tick >= greatest * 0.999999) return ticks;
  }
}

// Position on an axis from 0 to `end`, in percent, kept inside.
export function share(value: number, end: number): number {
  if (!(end > 0)) return 0;
  return Math.min(100, Math.max(0, (value / end) * 100));
}

// The percentile axis: x = −log₁₀(1 − p). 0.9 → 1, 0.99 → 2, 0.999 → 3.
export function percentileToX(quantile: number): number {
  return -Math.log10(Math.max(1 - quantile, 1e-9));
}

export function xToPercentile(x: number): number {
  return 1 - 10 ** -x;
}

// "90", "99", "99.9": the label of a whole place on the axis.
export function percentileLabel(x: number): string {
  if (x < 0.001) return '0';
  const percent = xToPercentile(x) * 100;
  if (x <= 1.001) return String(Number(percent.toFixed(0)));
  return percent.toFixed(Math.max(0, Math.round(x) - 2));
}

// The last quantile the sample count supports: at least ten answers stand beyond it.
export function supportedQuantile(samples: number): number {
  return samples < 20 ? 0.5 : 1 - 10 / samples;
}
