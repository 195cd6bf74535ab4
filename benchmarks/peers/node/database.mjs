// The connections to PostgreSQL, and the statements, which are prepared once per connection.
import pg from "pg";

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DATABASE_POOL),
  idleTimeoutMillis: 0, // by default, the connections would be new in every turn
});

const LIVE = `o.state = 'PUBLISHED' AND o.ends_at > now()
  AND o.vendor_id IN (SELECT id FROM vendor WHERE status = 'APPROVED')`;
const COLUMNS = `o.id, o.vendor_id, o.category_id, o.state, o.locale, o.title, o.description,
  o.capacity, o.claimed, o.starts_at, o.ends_at, o.latitude, o.longitude`;
// JavaScript's Date has no microseconds, so the cursor has the time as text.
const PAGE = `SELECT ${COLUMNS}, o.created_at::text AS place FROM offer o WHERE ${LIVE}`;
const ORDER = "ORDER BY o.created_at DESC, o.id DESC LIMIT $1";

const STATEMENTS = {
  firstPage: `${PAGE} ${ORDER}`,
  nextPage: `${PAGE} AND (o.created_at, o.id) < ($2::timestamptz, $3::uuid) ${ORDER}`,
  vendors: "SELECT id, name, city, country FROM vendor WHERE id = ANY($1)",
  categories: "SELECT id, name FROM category WHERE id = ANY($1)",
  likeCounts: `SELECT offer_id, count(*)::int AS likes FROM offer_like
    WHERE offer_id = ANY($1) GROUP BY offer_id`,
  vendorOffers: `SELECT o.* FROM unnest($2::uuid[]) AS wanted (vendor_id), LATERAL (
    SELECT ${COLUMNS} FROM offer o WHERE o.vendor_id = wanted.vendor_id AND ${LIVE} ${ORDER}) o`,
};

export async function select(name, ...values) {
  return (await pool.query({ name, text: STATEMENTS[name], values })).rows;
}
