// The orders, as PostgreSQL has them.
import pg from 'pg';

const kPerPage = 20;
const kColumns = 'id, customer, sku, count, price_cents, state';

export class Store {
  constructor(url) {
    this.pool = new pg.Pool({ connectionString: url, max: 10 });
  }

  // Prepared once per connection, by name.
  async rows(name, text, values = []) {
    return (await this.pool.query({ name, text, values })).rows;
  }

  async ping() {
    return (await this.rows('ping', 'SELECT 1 AS one')).length === 1;
  }

  async page(page) {
    const text = `SELECT ${kColumns} FROM orders WHERE id > $1 ORDER BY id LIMIT $2`;
    const items = await this.rows('page', text, [(page - 1) * kPerPage, kPerPage]);
    return { page, items, total: items.reduce((sum, order) => sum + order.count * order.price_cents, 0) };
  }

  async order(id) {
    return (await this.rows('order', `SELECT ${kColumns} FROM orders WHERE id = $1`, [id]))[0];
  }

  async ofCustomer(customer) {
    const text = `SELECT ${kColumns} FROM orders WHERE customer = $1 ORDER BY id DESC LIMIT 5`;
    return { customer, items: await this.rows('of_customer', text, [customer]) };
  }

  async create(user, sku, count) {
    const text = `INSERT INTO orders (customer, placed_by, sku, count, price_cents) VALUES (1001, $1, $2, $3, 499)
                  RETURNING ${kColumns}`;
    return (await this.rows('create', text, [user, sku, count]))[0];
  }
}
