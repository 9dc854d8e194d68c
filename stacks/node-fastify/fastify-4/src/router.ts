/** A number of thousands of digits is a bad number, not an unknown path. Fastify 5 has it among the router's own options. */
export const router = { maxParamLength: 8_192 };
