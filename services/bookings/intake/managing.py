"""Questions of a service: written and ordered by the members of its vendor."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.bookings.intake import (
    MAX_KEPT_SERVICE_QUESTIONS,
    MAX_SERVICE_QUESTIONS,
    ServiceQuestion,
    ServiceQuestionLimitReached,
)
from models.bookings.setting_up.services import Service
from models.questions import QuestionDraft, QuestionPatch
from services import idempotency
from services.bookings.access import access_managed_service
from services.bookings.intake.access import access_managed_question
from services.bookings.setting_up.entries import ServiceChanged, announce
from services.questions import change_question, next_position, put_in_order
from services.viewer import Viewer


async def create_question(
    session: AsyncSession,
    viewer: Viewer,
    draft: QuestionDraft,
    *,
    service_id: UUID,
    idempotency_key: str,
) -> ServiceQuestion:
    """Add a question to a service, the last one, once per idempotency key.

    Raises `ServiceQuestionLimitReached`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "createServiceQuestion",
        idempotency_key,
        service_id=service_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return (await access_managed_question(session, viewer, claimed.replayed))[1]
    _, service = await access_managed_service(session, viewer, service_id)
    known = await list_questions(session, service.id)
    if len(known) >= MAX_KEPT_SERVICE_QUESTIONS:
        raise ServiceQuestionLimitReached(most=MAX_KEPT_SERVICE_QUESTIONS)
    _ensure_room(known)
    question = ServiceQuestion(
        service_id=service.id,
        locale=service.locale,
        position=next_position(known),
        **draft.model_dump(),
    )
    session.add(question)
    _announce(session, service)
    await idempotency.record_result(session, claimed, question.id)
    return question


async def update_question(
    session: AsyncSession, viewer: Viewer, patch: QuestionPatch, *, question_id: UUID
) -> ServiceQuestion:
    """Change a question. Answers that are there stay, also those with a choice that is removed."""
    service, question = await access_managed_question(session, viewer, question_id)
    change_question(question, patch)
    _announce(session, service)
    return question


async def retire_question(
    session: AsyncSession, viewer: Viewer, *, question_id: UUID
) -> ServiceQuestion:
    """Stop asking a question. Its answers are kept."""
    service, question = await access_managed_question(session, viewer, question_id)
    if question.active:
        question.active = False
        _announce(session, service)
    return question


async def restore_question(
    session: AsyncSession, viewer: Viewer, *, question_id: UUID
) -> ServiceQuestion:
    """Ask a question again that was retired. Raises `ServiceQuestionLimitReached`."""
    service, question = await access_managed_question(session, viewer, question_id)
    if not question.active:
        _ensure_room(await list_questions(session, service.id))
        question.active = True
        _announce(session, service)
    return question


async def order_questions(
    session: AsyncSession, viewer: Viewer, *, service_id: UUID, question_ids: Sequence[UUID]
) -> Service:
    """Give the questions that are asked another order, before the retired ones."""
    _, service = await access_managed_service(session, viewer, service_id)
    put_in_order(await list_questions(session, service.id), question_ids)
    _announce(session, service)
    return service


async def list_questions(session: AsyncSession, service_id: UUID) -> Sequence[ServiceQuestion]:
    """Return the questions of a service in their order, with retired ones."""
    rows = select(ServiceQuestion).where(ServiceQuestion.service_id == service_id)
    ordered = rows.order_by(col(ServiceQuestion.position), col(ServiceQuestion.id))
    return (await session.exec(ordered)).all()


def _ensure_room(known: Sequence[ServiceQuestion]) -> None:
    if sum(one.active for one in known) >= MAX_SERVICE_QUESTIONS:
        raise ServiceQuestionLimitReached(most=MAX_SERVICE_QUESTIONS)


def _announce(session: AsyncSession, service: Service) -> None:
    announce(session, service.vendor_id, ServiceChanged(service.id))
