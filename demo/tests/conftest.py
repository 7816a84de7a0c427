import pytest


@pytest.fixture
def customer():
    return {"name": "Ann"}
