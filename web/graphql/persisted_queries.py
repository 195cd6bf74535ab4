"""Operations that are requested by the SHA-256 of their document.

Implements Apollo's automatic persisted queries and trusted documents.
https://www.apollographql.com/docs/apollo-server/performance/apq
"""

from graphql import GraphQLError

from core.documents.persisted_documents import PersistedDocuments
from core.documents.trusted_documents import sha256
from core.errors import BudgetExceeded
from engine.context import Context
from engine.errors.codes import Fault
from engine.limits.charging import ensure_charged
from engine.limits.extension import refused
from web.graphql.graphql_request import GraphQLRequest


async def find_document(documents: PersistedDocuments, request: GraphQLRequest) -> str:
    """Return the document to run.

    Raises BAD_USER_INPUT if the hash does not match `query`, and PERSISTED_QUERY_NOT_FOUND if
    the document is unknown or not trusted.
    """
    if request.query and request.sha256 and sha256(request.query) != request.sha256:
        raise refused(Fault.BAD_USER_INPUT, "The hash is not the SHA-256 of `query`.")
    if request.query and not documents.only_trusted:
        return request.query
    found = await documents.find(request.sha256 or "")
    if found is None:
        raise refused(Fault.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
    return found


async def find_or_charge(context: Context, request: GraphQLRequest) -> str:
    """Return the document to run, or charge the caller for the error that is raised.

    Raises RATE_LIMITED instead if the caller has no points left.
    """
    try:
        return await find_document(context.app.persisted_documents, request)
    except GraphQLError:
        try:
            await ensure_charged(context)
        except BudgetExceeded as error:
            raise refused(Fault.RATE_LIMITED, error) from error
        raise


async def store_document(documents: PersistedDocuments, request: GraphQLRequest) -> None:
    """Store a document that was sent with its hash. Call it for executed documents only."""
    if request.query and request.sha256:
        await documents.store(request.sha256, request.query)
