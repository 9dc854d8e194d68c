// How a number becomes text: the one place. Every value is shown with its unit and three significant digits; the exact value
// is added as a tooltip. `dyno` writes numbers by the same rules: both are held against tests/data/wording.json.

export type Unit = '1/s' | 'ns' | 'B' | '1' | '%' | 'count';

export interface UnitScale {
  suffix: string; // with its leading space, where the unit takes one
  divide: number;
  whole?: boolean; // the unit itself: 12 ns, not 12.0 ns
}

const kGroup = '\u202f';
const kSpace = '\u00a0';

const kDurations: UnitScale[] = [
  { suffix: `${kSpace}ns`, divide: 1, whole: true },
  { suffix: `${kSpace}µs`, divide: 1e3 },
  { suffix: `${kSpace}ms`, divide: 1e6 },
  { suffix: `${kSpace}s`, divide: 1e9 },
];
const kSizes: UnitScale[] = [
  { suffix: `${kSpace}B`, divide: 1, whole: true },
  { suffix: `${kSpace}KiB`, divide: 1024 },
  { suffix: `${kSpace}MiB`, divide: 1024 ** 2 },
  { suffix: `${kSpace}GiB`, divide: 1024 ** 3 },
];

// One scale for numbers that are shown together (a column, an axis), chosen by the greatest of them.
export function scaleFor(unit: Unit, greatest: number): UnitScale {
  switch (unit) {
    case '1/s':
      return { suffix: '/s', divide: 1 };
    case 'ns':
      return fitting(kDurations, greatest);
    case 'B':
      return fitting(kSizes, greatest);
    case '%':
      return { suffix: `${kSpace}%`, divide: 1, whole: true };
    case '1':
    case 'count':
      return { suffix: '', divide: 1 };
  }
}

// The largest unit of which there is at least one after rounding: 999.6 µs is 1.00 ms.
function fitting(scales: UnitScale[], greatest: number): UnitScale {
  const size = Math.abs(greatest);
  let best = scales[0] as UnitScale;
  for (const scale of scales) if (size >= scale.divide * 0.9995) best = scale;
  return best;
}

// 21840 → "21 800", 0.012345 → "0.0123", 45.1 → "45.1".
export function significant(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(digits));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded))));
  return grouped(rounded.toFixed(Math.min(decimals, 12)));
}

// Thousands apart from five digits on; a sign that is a minus.
export function grouped(digits: string): string {
  const [whole = '', fraction] = digits.replace('-', '').split('.');
  const parts = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, kGroup) : whole;
  return `${digits.startsWith('-') ? '−' : ''}${parts}${fraction === undefined ? '' : `.${fraction}`}`;
}

export function count(value: number): string {
  return grouped(String(Math.round(value)));
}

// "1 trial", "12 trials".
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function inScale(scale: UnitScale, value: number): string {
  const text = significant(value / scale.divide);
  return scale.whole && text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

// Low to high in the scale of the value they belong to: "21 600–22 000".
export function spreadText(scale: UnitScale, low: number, high: number): string {
  return `${inScale(scale, low)}–${inScale(scale, high)}`;
}

// Ticks are already round: "20", "2.5", "10 000".
export function tickText(scale: UnitScale, tick: number): string {
  return grouped(String(Number((tick / scale.divide).toPrecision(6))));
}

export function withUnit(unit: Unit, value: number): string {
  if (unit === 'ns' && Math.abs(value) >= 59.95e9) return (value < 0 ? '−' : '') + spell(Math.abs(value) / 1e9);
  const scale = scaleFor(unit, value);
  return inScale(scale, value) + scale.suffix;
}

// For tooltips: nothing rounded away that the source gave.
export function exact(unit: Unit, value: number): string {
  const digits = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(12)));
  const suffix: Record<Unit, string> = {
    '1/s': '/s',
    ns: `${kSpace}ns`,
    B: `${kSpace}B`,
    '1': '',
    '%': `${kSpace}%`,
    count: '',
  };
  return grouped(digits) + suffix[unit];
}

// 0.0012 → "0.12 %".
export function percent(ratio: number): string {
  return withUnit('%', ratio * 100);
}

// "95 %", "99.3 %", "99.97 %": a confidence below 1 is never rounded up to 100 %.
export function confidenceText(confidence: number): string {
  let digits = 1;
  while (digits < 6 && (100 * confidence).toFixed(digits).startsWith('100')) digits++;
  return `${(100 * confidence).toFixed(digits).replace(/\.0$/, '')} %`;
}

// "6 min 50 s", "45 s", "1 h 5 min": time that people wait.
export function spell(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}${kSpace}s`;
  if (whole < 3600) return twoUnits(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

// An estimate, in whole minutes from one minute on: "40 s", "4 min", "1 h 5 min".
export function aboutSpan(seconds: number): string {
  return spell(seconds < 55 ? Math.round(seconds / 5) * 5 : Math.round(seconds / 60) * 60);
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const head = `${large}${kSpace}${largeUnit}`;
  return small === 0 ? head : `${head} ${small}${kSpace}${smallUnit}`;
}

const kMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const kTwoDigits = (value: number) => String(value).padStart(2, '0');

// "28 Nov 2026, 11:35" in the reader's own zone, or in UTC. Without Intl, which takes a page longer to wake than all that it writes with it.
export function stamp(iso: string, zone?: 'UTC'): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const [day, month, year, hour, minute] =
    zone === 'UTC'
      ? [at.getUTCDate(), at.getUTCMonth(), at.getUTCFullYear(), at.getUTCHours(), at.getUTCMinutes()]
      : [at.getDate(), at.getMonth(), at.getFullYear(), at.getHours(), at.getMinutes()];
  return `${day} ${kMonths[month]} ${year}, ${kTwoDigits(hour)}:${kTwoDigits(minute)}`;
}

// A local time as the API gives it: "2026-11-24T02:30:00+01:00" → "24 Nov 2026, 02:30 (UTC+01:00)".
export function localStamp(local: string): string {
  const found = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2}):\d{2}([+-]\d{2}:\d{2})$/.exec(local);
  if (!found) return local;
  const [, year, month, day, time, offset] = found;
  return `${Number(day)} ${kMonths[Number(month) - 1]} ${year}, ${time} (UTC${offset})`;
}

// "in 4 h 5 min", "12 min ago".
export function relative(iso: string, now: number): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return '';
  const days = Math.floor(Math.abs(seconds) / 86_400);
  const text = days >= 2 ? `${days}${kSpace}days` : spell(Math.abs(seconds));
  return seconds >= 0 ? `in ${text}` : `${text} ago`;
}
