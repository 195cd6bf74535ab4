"""Numbers of listed offers by city, category, kind and size of the discount."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger
from sqlmodel import Field, SQLModel

from models.base import timestamp
from models.personal_data import of_others

# In place of a column by which a row does not count.
NO_ID, NO_KIND, NO_BAND = UUID(int=0), "", -1


class ListingCount(SQLModel, table=True):
    """The number of offers by two of city, category and discount, as of a minute ago.

    The discount is the kind, and for percentages the band, which is the percentage by ten. The row
    by none of them has the number of all offers, and the time of the last count.
    """

    __tablename__ = "facet_count"
    __table_args__ = (
        CheckConstraint("number >= 0", name="number"),
        CheckConstraint("band BETWEEN -1 AND 10", name="band"),
        Index("facet_count_category_id_idx", "category_id"),
    )
    __privacy__ = of_others(none="city_id category_id kind band number")

    city_id: UUID = Field(primary_key=True, default=NO_ID)
    category_id: UUID = Field(primary_key=True, default=NO_ID)
    kind: str = Field(primary_key=True, default=NO_KIND, max_length=40)
    band: int = Field(primary_key=True, default=NO_BAND, sa_type=SmallInteger)
    number: int = 0
    as_of: datetime = timestamp()
