import { type FastifyPluginAsyncTypebox, type Static, Type } from '@fastify/type-provider-typebox';

import type { Database } from '../services/database.js';
import { Failure } from './failure.js';

const User = Type.Object({ id: Type.Integer(), name: Type.String(), email: Type.String() });

const schema = {
  // A pattern, not an integer: Ajv makes Infinity of enough digits, and its bounds let that pass.
  params: Type.Object({ id: Type.String({ pattern: '^[1-9][0-9]{0,9}$' }) }),
  response: { 200: User, '4xx': Failure, '5xx': Failure },
};

export const users: FastifyPluginAsyncTypebox<{ database: Database }> = async (app, { database }) => {
  app.get('/users/:id', { schema }, async (request, reply) => {
    const id = Number(request.params.id);
    if (id > 2147483647) return reply.code(400).send({ error: 'Bad request' });
    const [user] = await database.query<Static<typeof User>>('SELECT id, name, email FROM users WHERE id = $1', [id]);
    return user ?? reply.code(404).send({ error: 'Not found' });
  });
};
