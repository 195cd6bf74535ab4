-- What PostGraphile serves: views of the rows that Haat shows, in their language. PostGraphile reads
-- the keys of views from the comments, which it calls smart tags.
CREATE SCHEMA peers;

CREATE VIEW peers.vendor AS SELECT id, name, city, country FROM vendor;

CREATE VIEW peers.category AS SELECT id, name ->> 'en' AS name FROM category;

CREATE VIEW peers.offer AS
SELECT
    id, title ->> locale AS title, coalesce(description ->> locale, '') AS description, state,
    starts_at, ends_at, capacity, claimed, capacity - claimed AS remaining, latitude, longitude,
    vendor_id, category_id, created_at
FROM offer
WHERE state = 'PUBLISHED' AND ends_at > now()
    AND vendor_id IN (SELECT id FROM vendor WHERE status = 'APPROVED');

CREATE FUNCTION peers.offer_like_count(offer peers.offer) RETURNS integer STABLE LANGUAGE sql
AS 'SELECT count(*)::integer FROM offer_like WHERE offer_id = offer.id';

COMMENT ON VIEW peers.vendor IS '@primaryKey id';
COMMENT ON VIEW peers.category IS '@primaryKey id';
COMMENT ON VIEW peers.offer IS E'@primaryKey id
@foreignKey (vendor_id) references peers.vendor (id)
@foreignKey (category_id) references peers.category (id)';
COMMENT ON COLUMN peers.offer.created_at IS '@behavior +orderBy';

GRANT USAGE ON SCHEMA peers TO haat_app;
GRANT SELECT ON ALL TABLES IN SCHEMA peers TO haat_app;
