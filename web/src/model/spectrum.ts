// Percentile curves of several histograms on one axis. Pure.
import { percentileToX, supportedQuantile } from './scale';
import type { Histogram } from './trial';

interface Spectrum {
  x: number[]; // −log₁₀(1 − p)
  percent: number[];
  curves: (number | null)[][]; // nanoseconds, one list for each histogram; null where its count supports no value
}

const kLeastNs = 1000; // a logarithmic axis has no zero

export function spectrumOf(histograms: Histogram[]): Spectrum {
  const all = new Set(histograms.flatMap((h) => (h.percentiles ?? []).map((p) => p.percent)));
  const percent = [...all].filter((p) => p < 100).sort((a, b) => a - b);
  const curves = histograms.map((h) => {
    const of = new Map((h.percentiles ?? []).map((p) => [p.percent, p.value_ns]));
    const last = supportedQuantile(h.count) * 100 + 1e-9;
    return percent.map((p) => {
      const value = of.get(p);
      return value === undefined || p > last ? null : Math.max(value, kLeastNs);
    });
  });
  const drawn = percent.map((_, i) => curves.some((c) => c[i] !== null));
  return {
    x: percent.filter((_, i) => drawn[i]).map((p) => percentileToX(p / 100)),
    percent: percent.filter((_, i) => drawn[i]),
    curves: curves.map((c) => c.filter((_, i) => drawn[i])),
  };
}
