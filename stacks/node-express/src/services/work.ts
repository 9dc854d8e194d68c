import { hash } from 'node:crypto';

export type Kind = 'hash' | 'sieve';

/** The work behind /cpu, on whichever thread it is called. */
export function work(kind: Kind, n: number): string {
  return kind === 'hash' ? hashChain(n) : String(primesUpTo(n));
}

function hashChain(n: number): string {
  let sum: Buffer = Buffer.from('seed');
  for (let i = 0; i < n; i++) sum = hash('sha256', sum, 'buffer');
  return sum.toString('hex');
}

function primesUpTo(n: number): number {
  const composite = new Uint8Array(n + 1);
  let primes = 0;
  for (let i = 2; i <= n; i++) {
    if (composite[i] !== 0) continue;
    primes++;
    for (let j = i * i; j <= n; j += i) composite[j] = 1;
  }
  return primes;
}
