import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { Ajv } from 'ajv';

import { Failure } from './failure.js';

const OrderItem = Type.Object(
  {
    sku: Type.String({ pattern: '^[A-Z]{3}-[0-9]{4}$' }),
    quantity: Type.Integer({ minimum: 1, maximum: 100 }),
    unit_price_cents: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
  },
  { additionalProperties: false },
);
const Order = Type.Object(
  {
    order_id: Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' }),
    email: Type.String({ maxLength: 254, pattern: '^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$' }),
    items: Type.Array(OrderItem, { minItems: 1, maxItems: 20 }),
    coupon: Type.Optional(Type.Union([Type.String({ maxLength: 16 }), Type.Null()])),
  },
  { additionalProperties: false },
);

const schema = {
  body: Order,
  response: {
    200: Type.Object({ valid: Type.Literal(true), total_cents: Type.Integer() }),
    422: Type.Object({ valid: Type.Literal(false), errors: Type.Integer() }),
    '4xx': Failure,
  },
};

export const validate: FastifyPluginAsyncTypebox = async (app) => {
  // Fastify's own validator turns "1" into 1 and drops what a schema does not name; an order is judged as it came.
  const strict = new Ajv({ coerceTypes: false, removeAdditional: false });
  app.setValidatorCompiler(({ schema }) => strict.compile(schema));

  app.post('/validate', { schema, attachValidation: true, bodyLimit: 64 * 1024 }, async (request, reply) => {
    const error = request.validationError;
    if (error !== undefined) return reply.code(422).send({ valid: false, errors: error.validation?.length ?? 1 });
    const total_cents = request.body.items.reduce((sum, item) => sum + item.quantity * item.unit_price_cents, 0);
    return { valid: true as const, total_cents };
  });
};
