"""The checks that every request may need."""

import pytest

from core.errors import NotAllowed, NotSignedIn
from core.ids import new_id
from services.viewer import ANONYMOUS, Viewer


def test_require_user() -> None:
    user_id = new_id()
    assert Viewer(user_id).require_user() == user_id
    with pytest.raises(NotSignedIn, match="Sign in to continue"):
        ANONYMOUS.require_user()
    with pytest.raises(NotSignedIn, match="expired"):
        Viewer(problem="expired").require_user()


def test_require_admin() -> None:
    user_id = new_id()
    assert Viewer(user_id, admin=True).require_admin() == user_id
    with pytest.raises(NotAllowed):
        Viewer(user_id).require_admin()
    with pytest.raises(NotSignedIn):
        ANONYMOUS.require_admin()
