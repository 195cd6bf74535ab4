"""The ORM models of the ordinary server, with the columns that it reads."""

import os
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, make_url
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSONB}  # noqa: RUF012 - as SQLAlchemy documents it


class VendorRow(Base):
    __tablename__ = "vendor"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    city: Mapped[str]
    country: Mapped[str]
    status: Mapped[str]


class CategoryRow(Base):
    __tablename__ = "category"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[dict[str, Any]]


class OfferRow(Base):
    __tablename__ = "offer"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id"))
    state: Mapped[str]
    locale: Mapped[str]
    title: Mapped[dict[str, Any]]
    description: Mapped[dict[str, Any]]
    capacity: Mapped[int | None]
    claimed: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    latitude: Mapped[float]
    longitude: Mapped[float]
    created_at: Mapped[datetime]


class LikeRow(Base):
    __tablename__ = "offer_like"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), primary_key=True)


_engine = create_async_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg"),
    pool_size=int(os.environ["DATABASE_POOL"]),
)
session = async_sessionmaker(_engine, expire_on_commit=False)
