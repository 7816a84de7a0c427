import pytest
from tinyorm import Base


class Page(Base):
    __tablename__ = "pages"


@pytest.fixture
def user(user):
    return user


@pytest.fixture
def db():
    return "another"
