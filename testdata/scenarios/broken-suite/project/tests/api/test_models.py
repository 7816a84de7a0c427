from pydantic import BaseModel


class Item(BaseModel):
    name: str


def test_item():
    assert Item(name="x")
