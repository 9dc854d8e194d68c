import type { Readable } from 'node:stream';

import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';

import { Failure } from './failure.js';

const limit = 64 * 1024 * 1024;
const schema = { response: { 200: Type.Object({ bytes: Type.Integer() }), '4xx': Failure } };

export const upload: FastifyPluginAsyncTypebox = async (app) => {
  // Hands on the stream; a parser that reads the body would hold all of it.
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));

  app.post('/upload', { schema, bodyLimit: limit }, async (request, reply) => {
    let bytes = 0;
    for await (const chunk of request.body as Readable) {
      bytes += (chunk as Buffer).length;
      if (bytes > limit) return reply.code(413).header('connection', 'close').send({ error: 'Payload too large' });
    }
    return { bytes };
  });
};
