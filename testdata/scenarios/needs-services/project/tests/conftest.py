import pytest

from warehouse.database import connect


@pytest.fixture(scope="session")
def database():
    connection = connect()
    yield connection
    connection.close()
