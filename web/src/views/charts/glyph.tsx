// Marker shapes: cases differ by shape and name, never by colour alone.

const kShapes = [
  'M0-5A5 5 0 1 0 0 5A5 5 0 1 0 0-5Z',
  'M-4.500-4.500H4.500V4.500H-4.500Z',
  'M0-5.500L5.500 4.500H-5.500Z',
  'M0-6L6 0L0 6L-6 0Z',
  'M0 5.500L5.500-4.500H-5.500Z',
  'M-1.800-5.500H1.800V-1.800H5.500V1.800H1.800V5.500H-1.800V1.800H-5.500V-1.800H-1.800Z',
  'M-5.500-2L-2-5.500L0-2.800L2-5.500L5.500-2L2.800 0L5.500 2L2 5.500L0 2.800L-2 5.500L-5.500 2L-2.800 0Z',
  'M0-5.500L5.300-1.700L3.300 4.500H-3.300L-5.300-1.700Z',
  'M-5.500-3H5.500V3H-5.500Z',
];

const kDashes: number[][] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [12, 4], [3, 6], [8, 3, 2, 3, 2, 3], [1, 4]];

export function dashOf(slot: number): number[] {
  return kDashes[(slot - 1) % kDashes.length] as number[];
}

// The class and the number of a slot's colour. A slot is one of nine colours and one of nine marks.
export function tintOf(slot: number): number {
  return ((slot - 1) % kShapes.length) + 1;
}

export function Shape({ slot }: { slot: number }) {
  const mark = Math.floor((slot - 1) / kShapes.length) % kShapes.length;
  return <path class="glyph" d={kShapes[mark] as string} />;
}

export function Glyph({ slot }: { slot: number }) {
  return (
    <svg class={`s${tintOf(slot)}`} width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
      <Shape slot={slot} />
    </svg>
  );
}

// A mark at a share of the width of the drawing.
export function MarkAt({ x, y = '50%', children }: { x: number; y?: string; children: preact.ComponentChildren }) {
  return (
    <svg x={`${x}%`} y={y} overflow="visible">
      {children}
    </svg>
  );
}
