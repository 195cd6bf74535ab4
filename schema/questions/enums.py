"""Enums of questions."""

from engine.enums import publish
from models.questions import QuestionKind

__all__ = ["QuestionKind"]

publish(
    QuestionKind,
    "How a question is answered.",
    TEXT="With a text.",
    NUMBER="With a number.",
    DATE="With a day.",
    YES_NO="With yes or no.",
    CHOICE="With one of its choices.",
    CHOICES="With some of its choices.",
)
