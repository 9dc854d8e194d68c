import { Router } from 'express';
import { z } from 'zod';

import { readJson, requireBody } from '../services/body.js';

const OrderItem = z.strictObject({
  sku: z.string().regex(/^[A-Z]{3}-[0-9]{4}$/),
  quantity: z.int().min(1).max(100),
  unit_price_cents: z.int().min(0).max(1_000_000),
});
const Order = z.strictObject({
  order_id: z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  email: z.string().max(254).regex(/^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/),
  items: z.array(OrderItem).min(1).max(20),
  coupon: z.string().max(16).nullish(),
});

export const validate = Router();

validate.post('/validate', readJson, requireBody, (request, response) => {
  const order = Order.safeParse(request.body);
  if (!order.success) {
    response.status(422).json({ valid: false, errors: order.error.issues.length });
    return;
  }
  const total_cents = order.data.items.reduce((sum, item) => sum + item.quantity * item.unit_price_cents, 0);
  response.json({ valid: true, total_cents });
});
