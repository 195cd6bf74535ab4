// The cache's policies cover the schema of the server, and keep what a page or a change does not contain.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gql } from '@apollo/client';
import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
} from 'graphql';
import { createCache, typePolicies } from '../app/cache.ts';
import { call, seed } from './seed.ts';

const PAGING = new Set(['first', 'after', 'last', 'before']);
const schema = buildClientSchema(await call(getIntrospectionQuery()));
const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__')) as GraphQLObjectType[];
const policyOf = (type: string, field: string): any => typePolicies[type]?.fields?.[field];

function fieldsOf(type: GraphQLObjectType): GraphQLField<unknown, unknown>[] {
  return Object.values(type.getFields());
}

test('every connection has a policy with its filters', () => {
  const found = types.flatMap((type) => fieldsOf(type).map((field) => ({ type: type.name, field })));
  const connections = found.filter(({ field }) => getNamedType(field.type).name.endsWith('Connection'));
  assert.ok(connections.length > 10);
  for (const { type, field } of connections) {
    const policy = policyOf(type, field.name);
    const filters = field.args.map(({ name }) => name).filter((name) => !PAGING.has(name));
    assert.ok(typeof policy?.merge === 'function', `${type}.${field.name} needs pages(${filters})`);
    assert.deepEqual(policy.keyArgs || [], filters, `${type}.${field.name}`);
  }
});

test('every change of a subscription passes through', () => {
  for (const { name } of fieldsOf(schema.getSubscriptionType()!)) {
    assert.equal(policyOf('Subscription', name)?.merge, false, `Subscription.${name}`);
  }
});

test('every node that is queried by its id is found in the cache', () => {
  const byId = fieldsOf(schema.getQueryType()!).filter(({ type, args }) => {
    const named = getNamedType(type);
    return isObjectType(named) && args.some(({ name }) => name === 'id') && named.getInterfaces().some(({ name }) => name === 'Node');
  });
  assert.ok(byId.length >= 4);
  for (const { name } of byId) assert.ok(policyOf('Query', name)?.read, `Query.${name}`);
});

test('no policy is about a field or type that has gone', () => {
  for (const [type, { fields = {} }] of Object.entries(typePolicies)) {
    const known = (schema.getType(type) as GraphQLObjectType | undefined)?.getFields();
    assert.ok(known, type);
    for (const field of Object.keys(fields)) assert.ok(field in known, `${type}.${field}`);
  }
});

// Values are replaced as a whole. `parts` belong to one parent and are merged, field by field.
const PARTS = [
  'AccountDeletion', 'AccountDeletionQuote', 'ActiveRole', 'Address', 'Agenda', 'ArrivalBoard', 'Availability',
  'BookingGuest', 'BookingReminders', 'ChatHours', 'CheckInAttendance', 'CurrencyBalance', 'DataExport',
  'DeliveryAddress', 'EventSales', 'Factors', 'FirstAnswer', 'FraudOverview', 'FraudSample',
  'FraudSettings', 'HidingQuote',
  'LinkedBooking', 'NotificationPreferences', 'OrderAmounts', 'PackBalance', 'QueueFigures', 'RemovalQuote',
  'ResaleListing', 'SaleQueueEntry', 'SaleTotals', 'SeatFigures', 'SlotExplanation', 'SlotList', 'SubOrderEarnings',
  'SuspensionQuote', 'TicketRefundCounts', 'TrialBalance', 'UserSuspension', 'VendorBalance', 'VendorShare',
  'VendorStatement', 'VendorSuspension', 'VoucherChange', 'WaitingRoom', 'Wallet', 'WalletStatement',
];
const VALUES = new Set([
  'AuthLink', 'Bill', 'CancelQuote', 'ChartRow', 'ChartSection', 'CheckoutTotals', 'Coordinates', 'DateChange',
  'DeliveryOption', 'EstimatedDelivery', 'ExpiringLink', 'FailedRule', 'FraudSettingsPreview', 'InvoiceParty',
  'Money', 'OfferEligibility', 'OfferRules', 'OfferTerms', 'Picture', 'PostalAddress', 'QuietHours',
  'RotatingCode', 'RowSeats', 'RuleTimes', 'ScannerBundle', 'SearchCircle', 'Seat', 'SeatMap', 'StackingRule', 'TextRange',
  'VoucherBundle',
]);

test('each single object without an id is a value, or a part that is merged', () => {
  const withoutId = (type: GraphQLObjectType) => !('id' in type.getFields());
  const roots = new Set(['Mutation', 'Subscription']);
  const single = types
    .filter(({ name }) => !roots.has(name) && !/(Payload|Connection|Edge|Error|Refusal)$/.test(name))
    .flatMap(fieldsOf)
    .filter(({ type }) => !String(type).startsWith('['))
    .map(({ type }) => getNamedType(type))
    .filter((type) => isObjectType(type) && withoutId(type) && !type.name.endsWith('Connection'))
    .map(({ name }) => name)
    .filter((name) => !VALUES.has(name));
  assert.deepEqual([...new Set(single)].sort(), PARTS);
  for (const name of PARTS) assert.equal(typePolicies[name]?.merge, true, name);
});

const PAGE = gql`
  query Page($id: ID!, $before: String) {
    conversation(id: $id) {
      __typename
      id
      messages(last: 2, before: $before) {
        edges {
          node { __typename id }
        }
        pageInfo { startCursor hasPreviousPage }
        changesAfter
      }
    }
  }
`;

function page(ids: string[], startCursor: string, changesAfter: string) {
  const edges = ids.map((id) => ({ __typename: 'MessageEdge', node: { __typename: 'Message', id } }));
  const pageInfo = { __typename: 'PageInfo', startCursor, hasPreviousPage: true };
  const messages = { __typename: 'MessageConnection', edges, pageInfo, changesAfter };
  return { conversation: { __typename: 'Conversation', id: 'c', messages } };
}

test('an older page is joined once, and changes since the first page are still to come', () => {
  const cache = createCache();
  const older = { query: PAGE, variables: { id: 'c', before: 'at-3' } };
  cache.writeQuery({ query: PAGE, variables: { id: 'c' }, data: page(['3', '4'], 'at-3', 'first') });
  for (let time = 0; time < 2; time += 1) cache.writeQuery({ ...older, data: page(['1', '2'], 'at-1', 'later') });
  const shown = cache.readQuery<any>({ query: PAGE, variables: { id: 'c' } })!.conversation.messages;
  assert.deepEqual(shown.edges.map(({ node }: any) => node.id), ['1', '2', '3', '4']);
  assert.equal(shown.changesAfter, 'first');
  assert.equal(shown.pageInfo.startCursor, 'at-1');

  cache.writeQuery({ query: PAGE, variables: { id: 'c' }, data: page(['4', '5'], 'at-4', 'again') });
  const again = cache.readQuery<any>({ query: PAGE, variables: { id: 'c' } })!.conversation.messages;
  assert.deepEqual(again.edges.map(({ node }: any) => node.id), ['4', '5']);
  assert.equal(again.changesAfter, 'again');
});

test('a page after a cursor that the list no longer has repeats no entry', () => {
  const cache = createCache();
  const query = gql`query ($after: String) { offers(after: $after) { edges { node { __typename id } } pageInfo { endCursor hasNextPage } } }`;
  const data = (ids: string[], endCursor: string) => ({
    offers: {
      __typename: 'OfferConnection',
      edges: ids.map((id) => ({ __typename: 'OfferEdge', node: { __typename: 'Offer', id } })),
      pageInfo: { __typename: 'PageInfo', endCursor, hasNextPage: true },
    },
  });
  cache.writeQuery({ query, data: data(['new', '1', '2'], 'at-2') });
  cache.writeQuery({ query, variables: { after: 'at-1' }, data: data(['2', '3'], 'at-3') });
  const shown = cache.readQuery<any>({ query })!.offers;
  assert.deepEqual(shown.edges.map(({ node }: any) => node.id), ['new', '1', '2', '3']);
});

test('a missing object stays missing', () => {
  const cache = createCache();
  const query = gql`query ($id: ID!) { offer(id: $id) { __typename id title } }`;
  const variables = { id: seed.offers[0]! };
  cache.writeQuery({ query, variables, data: { offer: null } });
  assert.deepEqual(cache.readQuery({ query, variables }), { offer: null });
});

test('parts selected by two queries are merged', () => {
  const cache = createCache();
  const hours = gql`query { vendor(id: "v") { __typename id chatHours { __typename autoReply } } }`;
  const spans = gql`query { vendor(id: "v") { __typename id chatHours { __typename spans { __typename opens } } } }`;
  const vendor = (chatHours: object) => ({ vendor: { __typename: 'Vendor', id: 'v', chatHours: { __typename: 'ChatHours', ...chatHours } } });
  cache.writeQuery({ query: hours, data: vendor({ autoReply: 'Later' }) });
  cache.writeQuery({ query: spans, data: vendor({ spans: [] }) });
  assert.equal(cache.readQuery<any>({ query: hours })?.vendor.chatHours.autoReply, 'Later');
});
