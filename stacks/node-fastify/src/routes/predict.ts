import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { Ajv } from 'ajv';

import { featureCount, score } from '../services/predictor.js';
import { Failure } from './failure.js';

const Sample = Type.Object(
  {
    features: Type.Array(Type.Number({ minimum: -1_000_000, maximum: 1_000_000 }), {
      minItems: featureCount,
      maxItems: featureCount,
    }),
  },
  { additionalProperties: false },
);

const schema = {
  body: Sample,
  response: {
    200: Type.Object({ label: Type.Integer(), score: Type.Number() }),
    422: Type.Object({ valid: Type.Literal(false), errors: Type.Integer() }),
    '4xx': Failure,
  },
};

export const predict: FastifyPluginAsyncTypebox = async (app) => {
  // Fastify's own validator turns "1" into 1 and drops what a schema does not name; a sample is judged as it came.
  const strict = new Ajv({ coerceTypes: false, removeAdditional: false });
  app.setValidatorCompiler(({ schema }) => strict.compile(schema));

  app.post('/predict', { schema, attachValidation: true, bodyLimit: 64 * 1024 }, async (request, reply) => {
    const error = request.validationError;
    if (error !== undefined) return reply.code(422).send({ valid: false, errors: error.validation?.length ?? 1 });
    const found = score(request.body.features);
    return { label: found >= 0.5 ? 1 : 0, score: found };
  });
};
