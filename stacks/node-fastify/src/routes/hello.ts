import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';

const Greeting = Type.Object({ message: Type.String() });
const GreetingQuery = Type.Object({ name: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9]{1,32}$' })) });

export const hello: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/plaintext', async (_request, reply) => {
    reply.type('text/plain');
    return 'Hello, World!';
  });

  app.get('/json', { schema: { querystring: GreetingQuery, response: { 200: Greeting } } }, async (request) => ({
    message: `Hello, ${request.query.name ?? 'World'}!`,
  }));
};
