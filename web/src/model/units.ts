// How a number becomes text: the one place. Every value is shown with its unit and three significant digits;
// the exact value goes beside it (as a title), never instead of it.

export type Unit = '1/s' | 'ns' | 'B' | '1' | '%' | 'count';

export interface UnitScale {
  suffix: string; // with its leading space, where the unit takes one
  divide: number;
}

const kGroup = '\u202f';
const kSpace = '\u00a0';

const kDurations: UnitScale[] = [
  { suffix: `${kSpace}ns`, divide: 1 },
  { suffix: `${kSpace}µs`, divide: 1e3 },
  { suffix: `${kSpace}ms`, divide: 1e6 },
  { suffix: `${kSpace}s`, divide: 1e9 },
];
const kSizes: UnitScale[] = [
  { suffix: `${kSpace}B`, divide: 1 },
  { suffix: `${kSpace}KiB`, divide: 1024 },
  { suffix: `${kSpace}MiB`, divide: 1024 ** 2 },
  { suffix: `${kSpace}GiB`, divide: 1024 ** 3 },
];

// One scale for numbers that stand together (a column, an axis), chosen by the greatest of them.
export function scaleFor(unit: Unit, greatest: number): UnitScale {
  switch (unit) {
    case '1/s':
      return { suffix: '/s', divide: 1 };
    case 'ns':
      return fitting(kDurations, greatest);
    case 'B':
      return fitting(kSizes, greatest);
    case '%':
      return { suffix: `${kSpace}%`, divide: 1 };
    case '1':
    case 'count':
      return { suffix: '', divide: 1 };
  }
}

function fitting(scales: UnitScale[], greatest: number): UnitScale {
  const size = Math.abs(greatest);
  let best = scales[0] as UnitScale;
  for (const scale of scales) if (size >= scale.divide) best = scale;
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

export function inScale(scale: UnitScale, value: number): string {
  return significant(value / scale.divide);
}

// A tick is round already: "20", "2.5", "10 000".
export function tickText(scale: UnitScale, tick: number): string {
  return grouped(String(Number((tick / scale.divide).toPrecision(6))));
}

export function withUnit(unit: Unit, value: number): string {
  const scale = scaleFor(unit, value);
  return inScale(scale, value) + scale.suffix;
}

// For titles: nothing rounded away that the source told.
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
  return `${significant(ratio * 100)}${kSpace}%`;
}

// "3 min 20 s", "45 s", "1 h 05 min": time that people wait.
export function spell(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}${kSpace}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}${kSpace}min ${String(whole % 60).padStart(2, '0')}${kSpace}s`;
  return `${Math.floor(minutes / 60)}${kSpace}h ${String(minutes % 60).padStart(2, '0')}${kSpace}min`;
}

// "23 Nov 2026, 18:20" in the reader's own zone, or in the one named.
export function stamp(iso: string, zone?: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const options: Intl.DateTimeFormatOptions = {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  };
  if (zone !== undefined) options.timeZone = zone;
  return new Intl.DateTimeFormat('en-GB', options).format(at);
}

// "in 4 h 05 min", "12 min 00 s ago".
export function relative(iso: string, now: number): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return '';
  const days = Math.floor(Math.abs(seconds) / 86_400);
  const text = days >= 2 ? `${days}${kSpace}days` : spell(Math.abs(seconds));
  return seconds >= 0 ? `in ${text}` : `${text} ago`;
}
