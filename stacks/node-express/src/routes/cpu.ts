import { Router } from 'express';
import { Piscina } from 'piscina';

import { environment } from '../environment.js';
import { BadRequest } from '../services/failures.js';
import { parseWithin } from '../services/numbers.js';
import { work } from '../services/work.js';

export const cpu = Router();

// Made by the first request that asks for it: a run without cpu_offload has no threads it does not use.
let pool: Piscina | undefined;

function offload(task: { kind: string; n: number }): Promise<string> {
  pool ??= new Piscina({
    filename: new URL('../services/worker.js', import.meta.url).href,
    minThreads: environment.cpus,
    maxThreads: environment.cpus,
  });
  return pool.run(task) as Promise<string>;
}

cpu.get('/cpu', async (request, response) => {
  const { kind } = request.query;
  if (kind !== 'hash' && kind !== 'sieve') throw new BadRequest();
  const n = parseWithin(request.query['n'], 1, 10_000_000);
  const result = request.query['offload'] === '1' ? await offload({ kind, n }) : work(kind, n);
  response.json({ kind, n, result });
});
