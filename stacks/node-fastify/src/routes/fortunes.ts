import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';

import type { Database } from '../services/database.js';

interface Fortune {
  id: number;
  message: string;
}

const schema = { querystring: Type.Object({ set: Type.Optional(Type.Literal('200')) }) };

export const fortunes: FastifyPluginAsyncTypebox<{ database: Database }> = async (app, { database }) => {
  app.get('/fortunes', { schema }, async (request, reply) => {
    const rows = await database.query<Fortune>(
      request.query.set === '200' ? 'SELECT id, message FROM fortune200' : 'SELECT id, message FROM fortune',
    );
    rows.push({ id: 0, message: 'Additional fortune added at request time.' });
    // Not localeCompare: the order is that of the code points, whatever the language.
    rows.sort((a, b) => (a.message < b.message ? -1 : a.message > b.message ? 1 : 0));
    return reply.viewAsync('fortunes.ejs', { rows });
  });
};
