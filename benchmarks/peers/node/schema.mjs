// The part of Haat's schema that the workloads ask for.
import { makeExecutableSchema } from "@graphql-tools/schema";
import { GraphQLScalarType } from "graphql";
import { select } from "./database.mjs";

const typeDefs = `
  scalar DateTime
  enum OfferState { DRAFT PUBLISHED PAUSED EXPIRED ARCHIVED }
  type Query { offers(first: Int = 20, after: String): OfferConnection! }
  type OfferConnection { nodes: [Offer!]! pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Offer {
    id: ID!
    title: String!
    description: String!
    state: OfferState!
    startsAt: DateTime!
    endsAt: DateTime!
    capacity: Int
    claimed: Int!
    remaining: Int
    latitude: Float!
    longitude: Float!
    vendor: Vendor!
    category: Category!
    likeCount: Int!
  }
  type Vendor {
    id: ID!
    name: String!
    city: String!
    country: String!
    offers(first: Int = 20): [Offer!]!
  }
  type Category { id: ID! name: String! }
`;

const localized = (texts, locale) => texts[locale] ?? Object.values(texts)[0] ?? "";
const encodeCursor = (row) =>
  Buffer.from(JSON.stringify([row.place, row.id])).toString("base64url");
const decodeCursor = (text) => JSON.parse(Buffer.from(text, "base64url").toString());

async function offers(_, { first, after }) {
  const rows = after
    ? await select("nextPage", first + 1, ...decodeCursor(after))
    : await select("firstPage", first + 1);
  const nodes = rows.slice(0, first);
  const endCursor = nodes.length ? encodeCursor(nodes.at(-1)) : null;
  return { nodes, pageInfo: { hasNextPage: rows.length > first, endCursor } };
}

export const schema = makeExecutableSchema({
  typeDefs,
  resolvers: {
    DateTime: new GraphQLScalarType({
      name: "DateTime",
      serialize: (value) => value.toISOString(),
    }),
    Query: { offers },
    Offer: {
      title: (offer) => localized(offer.title, offer.locale),
      description: (offer) => localized(offer.description, offer.locale),
      startsAt: (offer) => offer.starts_at,
      endsAt: (offer) => offer.ends_at,
      remaining: (offer) => (offer.capacity === null ? null : offer.capacity - offer.claimed),
      vendor: (offer, _, { loaders }) => loaders.vendor.load(offer.vendor_id),
      category: (offer, _, { loaders }) => loaders.category.load(offer.category_id),
      likeCount: (offer, _, { loaders }) => loaders.likeCount.load(offer.id),
    },
    Vendor: {
      offers: (vendor, { first }, { loaders }) =>
        loaders.vendorOffers.load({ vendorId: vendor.id, first }),
    },
    Category: { name: (category) => localized(category.name, "en") },
  },
});
