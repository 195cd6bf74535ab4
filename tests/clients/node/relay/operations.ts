// What is not bound to a component.

import { graphql } from './graphql.ts';

export const likeOffer = graphql`
  mutation operationsLikeMutation($input: LikeOfferInput!) {
    likeOffer(input: $input) {
      offer {
        id
        likeCount
      }
      errors {
        code
      }
    }
  }
`;

export const tillChanges = graphql`
  subscription operationsTillSubscription($vendorId: ID!, $after: String) {
    vendorRedemptions(vendorId: $vendorId, after: $after) {
      kind
      cursor
      redemption {
        id
        reason
      }
    }
  }
`;
