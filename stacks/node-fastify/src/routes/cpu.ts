import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { Piscina } from 'piscina';

import { environment } from '../environment.js';
import { work } from '../services/work.js';
import { Failure } from './failure.js';

const schema = {
  querystring: Type.Object({
    kind: Type.Union([Type.Literal('hash'), Type.Literal('sieve')]),
    // 1…10000000. A pattern, not an integer: Ajv makes Infinity of enough digits, and its bounds let that pass.
    n: Type.String({ pattern: '^(?:[1-9][0-9]{0,6}|10000000)$' }),
    offload: Type.Optional(Type.Literal('1')),
  }),
  response: {
    200: Type.Object({ kind: Type.String(), n: Type.Integer(), result: Type.String() }),
    '4xx': Failure,
  },
};

export const cpu: FastifyPluginAsyncTypebox = async (app) => {
  // Made by the first request that asks for it: a run without cpu_offload has no threads it does not use.
  let pool: Piscina | undefined;
  app.addHook('onClose', () => pool?.destroy());

  app.get('/cpu', { schema }, async (request) => {
    const { kind, offload } = request.query;
    const n = Number(request.query.n);
    if (offload === undefined) return { kind, n, result: work(kind, n) };
    pool ??= new Piscina({
      filename: new URL('../services/worker.js', import.meta.url).href,
      minThreads: environment.cpus,
      maxThreads: environment.cpus,
    });
    return { kind, n, result: (await pool.run({ kind, n })) as string };
  });
};
