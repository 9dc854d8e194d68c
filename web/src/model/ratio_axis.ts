// The axis of a factor: logarithmic, as far to the left as to the right, so that half as much and twice as much are equally far from none. Pure.
const kTicks = [1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 3, 5, 10, 30, 100];
const kLeast = Math.log(1.05);
const kMost = Math.log(100);

export interface RatioAxis {
  at: (ratio: number) => number; // in percent of the width, kept inside
  ticks: number[]; // as factors
}

export function ratioAxis(ratios: number[]): RatioAxis {
  const far = ratios.filter((ratio) => ratio > 0 && Number.isFinite(ratio)).map((ratio) => Math.abs(Math.log(ratio)));
  const end = Math.min(kMost, Math.max(kLeast, ...far) * 1.04);
  const at = (ratio: number) => {
    const place = ratio > 0 ? 50 + (50 * Math.log(ratio)) / end : 0;
    return Math.min(100, Math.max(0, place));
  };
  // From the outermost inwards, each at least so far from the one before that their words do not touch.
  const kApart = 16;
  const right: number[] = [];
  for (const tick of [...kTicks].reverse()) {
    const place = at(tick);
    const before = right.length === 0 ? 100 + kApart : at(right[right.length - 1] as number);
    if (Math.log(tick) <= end && before - place >= kApart && place >= 50 + kApart) right.push(tick);
  }
  return { at, ticks: [...right.map((tick) => 1 / tick), 1, ...right.reverse()] };
}
