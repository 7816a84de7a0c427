import pytest
from tinyorm import Base


class User(Base):
    __tablename__ = "users"


class Order(Base):
    __tablename__ = "orders"


@pytest.fixture
def db():
    return Base.metadata


@pytest.fixture
def user():
    return User
